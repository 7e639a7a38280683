import type { Locale, ScriptFile } from 'gb-protocol';
import type { StudioKey } from './words/index.ts';

export interface Template {
  readonly id: 'remember' | 'menu' | 'form';
  readonly title: StudioKey;
  readonly text: StudioKey;
  files(locale: Locale): readonly ScriptFile[];
}

const script = (en: string, pt: string) => (locale: Locale) => [{ name: 'start.bas', text: locale === 'pt-BR' ? pt : en }];

/** Small programs that already do something, to be changed rather than written from nothing. */
export const templates: readonly Template[] = [
  {
    id: 'remember',
    title: 'template.rememberTitle',
    text: 'template.rememberText',
    files: script(
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
  },
  {
    id: 'menu',
    title: 'template.menuTitle',
    text: 'template.menuText',
    files: script(
      `' Offers choices as buttons until the person has enough.
done = FALSE
WHILE NOT done
  TALK "What can I help you with?"
  HEAR choice AS "Opening hours", "Where we are", "Talk to someone", "That is all"

  SELECT CASE choice
  CASE "Opening hours"
    TALK "We are open Monday to Friday, 9:00 to 18:00."
  CASE "Where we are"
    TALK "12 Harbour Street, second floor."
  CASE "Talk to someone"
    CALL takeMessage()
  CASE ELSE
    done = TRUE
  END SELECT
WEND
TALK "Have a good day!"

SUB takeMessage()
  TALK "Tell me in a few words what it is about."
  HEAR subject
  TALK "At which e-mail address can we answer?"
  HEAR email AS EMAIL
  TALK "Thank you. Somebody will write to \${email} about: \${subject}"
END SUB
`,
      `' Oferece escolhas como botões até a pessoa terminar.
fim = FALSE
WHILE NOT fim
  TALK "Em que posso ajudar?"
  HEAR escolha AS "Horário", "Onde estamos", "Falar com alguém", "É só isso"

  SELECT CASE escolha
  CASE "Horário"
    TALK "Abrimos de segunda a sexta, das 9:00 às 18:00."
  CASE "Onde estamos"
    TALK "Rua do Porto, 12, segundo andar."
  CASE "Falar com alguém"
    CALL recado()
  CASE ELSE
    fim = TRUE
  END SELECT
WEND
TALK "Tenha um bom dia!"

SUB recado()
  TALK "Conte em poucas palavras do que se trata."
  HEAR assunto
  TALK "Em qual e-mail podemos responder?"
  HEAR email AS EMAIL
  TALK "Obrigado. Alguém vai escrever para \${email} sobre: \${assunto}"
END SUB
`,
    ),
  },
  {
    id: 'form',
    title: 'template.formTitle',
    text: 'template.formText',
    files: script(
      `' A form: every answer is checked, and the person confirms at the end.
TALK "Let us book your visit. It takes four questions."

confirmed = FALSE
WHILE NOT confirmed
  HEAR name AS NAME WITH "Your name?"
  HEAR day AS DATE WITH "On which day?"
  HEAR people AS INTEGER WITH "How many people?"
  HEAR phone AS PHONE WITH "A phone number, in case something changes?"

  BEGIN TALK
Please check:
- Name: \${name}
- Day: \${FORMAT(day, "dd/MM/yyyy")}
- People: \${people}
- Phone: \${phone}
  END TALK
  TALK "Is that right?"
  HEAR answer AS "Yes", "No, once more"
  confirmed = (answer = "Yes")
WEND

TALK "Booked. See you on \${FORMAT(day, "dd/MM/yyyy")}, \${name}!"
`,
      `' Um formulário: cada resposta é conferida, e a pessoa confirma no fim.
TALK "Vamos marcar a sua visita. São quatro perguntas."

confirmado = FALSE
WHILE NOT confirmado
  HEAR nome AS NAME WITH "Seu nome?"
  HEAR dia AS DATE WITH "Em que dia?"
  HEAR pessoas AS INTEGER WITH "Quantas pessoas?"
  HEAR telefone AS PHONE WITH "Um telefone, se algo mudar?"

  BEGIN TALK
Confira, por favor:
- Nome: \${nome}
- Dia: \${FORMAT(dia, "dd/MM/yyyy")}
- Pessoas: \${pessoas}
- Telefone: \${telefone}
  END TALK
  TALK "Está certo?"
  HEAR resposta AS "Sim", "Não, de novo"
  confirmado = (resposta = "Sim")
WEND

TALK "Marcado. Até \${FORMAT(dia, "dd/MM/yyyy")}, \${nome}!"
`,
    ),
  },
];
