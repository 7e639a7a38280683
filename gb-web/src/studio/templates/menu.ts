import { startOnly, type Template } from './template.ts';

export const menu: Template = {
  id: 'menu',
  title: 'template.menuTitle',
  text: 'template.menuText',
  files: startOnly(
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
};
