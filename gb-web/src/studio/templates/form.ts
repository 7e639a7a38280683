import { startOnly, type Template } from './template.ts';

export const form: Template = {
  id: 'form',
  title: 'template.formTitle',
  text: 'template.formText',
  files: startOnly(
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
};
