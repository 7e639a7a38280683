import { startOnly, type Template } from './template.ts';

export const remember: Template = {
  id: 'remember',
  title: 'template.rememberTitle',
  text: 'template.rememberText',
  files: startOnly(
    `' Asks three things, one after the other, and uses the answers.
TALK "Hello! What is your name?"
HEAR name AS NAME

TALK "Nice to meet you, \${name}. In which year were you born?"
HEAR born AS INTEGER

age = YEAR(TODAY) - born
IF age < 0 OR age > 120 THEN
  TALK "That would be quite something. I will remember only your name."
ELSE
  TALK "So you are \${age}, or will be this year."
END IF

TALK "What do you like to do, \${name}?"
HEAR hobby

TALK "**\${name}** likes: \${hobby}. I will remember that until we are done."
`,
    `' Pergunta três coisas, uma depois da outra, e usa as respostas.
TALK "Olá! Qual é o seu nome?"
HEAR nome AS NAME

TALK "Prazer, \${nome}. Em que ano você nasceu?"
HEAR nascimento AS INTEGER

idade = YEAR(TODAY) - nascimento
IF idade < 0 OR idade > 120 THEN
  TALK "Isso seria notável. Vou lembrar só do seu nome."
ELSE
  TALK "Então você tem \${idade} anos, ou vai ter este ano."
END IF

TALK "O que você gosta de fazer, \${nome}?"
HEAR gosto

TALK "**\${nome}** gosta de: \${gosto}. Vou lembrar disso até terminarmos."
`,
  ),
};
