import { inLanguage, start, type Template } from './template.ts';

export const approval: Template = {
  id: 'approval',
  title: 'template.approvalTitle',
  text: 'template.approvalText',
  files: ({ locale, handle }) => [
    start(
      locale,
      `' An expense that two people approve, one after the other. Who they are stands under "Settings".
HEAR what WITH "What do you want to buy?"
HEAR cost AS MONEY WITH "What does it cost?"
request = "\${username} would like to buy \${what} for \${FORMAT(cost, "#,##0.00")}."

TALK "Thank you. I am asking \${approver1}, and then \${approver2}. You will hear from me."
IF agrees(approver1, request) AND agrees(approver2, request) THEN
  TALK "Both have agreed. You can buy \${what}."
END IF

' Whether somebody approves within two days. Who asked hears when they do not.
FUNCTION agrees(person, text)
  agreed = HUMAN APPROVAL FROM person, text TIMEOUT 172800
  IF agreed IS NULL THEN
    TALK "\${person} did not answer within two days. Please ask again."
    RETURN FALSE
  END IF
  IF NOT agreed THEN TALK "\${person} did not agree."
  RETURN agreed
END FUNCTION
`,
      `' Uma despesa que duas pessoas aprovam, uma depois da outra. Quem são está em "Configurações".
HEAR item WITH "O que você quer comprar?"
HEAR custo AS MONEY WITH "Quanto custa?"
pedido = "\${username} quer comprar \${item} por \${FORMAT(custo, "#,##0.00")}."

TALK "Obrigado. Vou perguntar a \${aprovador1} e depois a \${aprovador2}. Você terá notícias."
IF concorda(aprovador1, pedido) AND concorda(aprovador2, pedido) THEN
  TALK "As duas pessoas concordaram. Você pode comprar \${item}."
END IF

' Se alguém aprova em até dois dias. Quem pediu fica sabendo quando não.
FUNCTION concorda(pessoa, texto)
  aprovado = HUMAN APPROVAL FROM pessoa, texto TIMEOUT 172800
  IF aprovado IS NULL THEN
    TALK "\${pessoa} não respondeu em dois dias. Peça de novo, por favor."
    RETURN FALSE
  END IF
  IF NOT aprovado THEN TALK "\${pessoa} não concordou."
  RETURN aprovado
END FUNCTION
`,
    ),
    {
      name: 'config.csv',
      text: inLanguage(
        locale,
        `name,value\nparam-approver1,@${handle}\nparam-approver2,@${handle}\n`,
        `name,value\nparam-aprovador1,@${handle}\nparam-aprovador2,@${handle}\n`,
      ),
    },
  ],
};
