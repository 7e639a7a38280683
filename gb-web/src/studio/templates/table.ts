import { startOnly, type Template } from './template.ts';

export const table: Template = {
  id: 'table',
  title: 'template.tableTitle',
  text: 'template.tableText',
  files: startOnly(
    `' Keeps ideas in a table, and shows those of today.
' Publishing makes the table. You find its rows under "Tables".
TABLE ideas
  day date
  person string(80)
  idea string(300) *
END TABLE

done = FALSE
WHILE NOT done
  TALK "What would you like to do?"
  HEAR choice AS "Add an idea", "Ideas of today", "That is all"

  SELECT CASE choice
  CASE "Add an idea"
    HEAR idea WITH "What is your idea?"
    SAVE "ideas", {day: TODAY, person: username, idea: idea}
    TALK "Thank you, it is written down."
  CASE "Ideas of today"
    CALL showToday()
  CASE ELSE
    done = TRUE
  END SELECT
WEND
TALK "See you!"

SUB showToday()
  rows = FIND "ideas" WHERE day = TODAY
  IF rows THEN
    FOR EACH row IN rows
      TALK "- " + row.idea + " (" + row.person + ")"
    NEXT
  ELSE
    TALK "Nobody had an idea today. Yours could be the first."
  END IF
END SUB
`,
    `' Guarda ideias em uma tabela e mostra as de hoje.
' A publicação cria a tabela. As linhas estão em "Tabelas".
TABLE ideias
  dia date
  pessoa string(80)
  ideia string(300) *
END TABLE

fim = FALSE
WHILE NOT fim
  TALK "O que você gostaria de fazer?"
  HEAR escolha AS "Dar uma ideia", "Ideias de hoje", "É só isso"

  SELECT CASE escolha
  CASE "Dar uma ideia"
    HEAR ideia WITH "Qual é a sua ideia?"
    SAVE "ideias", {dia: TODAY, pessoa: username, ideia: ideia}
    TALK "Obrigado, está anotado."
  CASE "Ideias de hoje"
    CALL mostrarHoje()
  CASE ELSE
    fim = TRUE
  END SELECT
WEND
TALK "Até mais!"

SUB mostrarHoje()
  linhas = FIND "ideias" WHERE dia = TODAY
  IF linhas THEN
    FOR EACH linha IN linhas
      TALK "- " + linha.ideia + " (" + linha.pessoa + ")"
    NEXT
  ELSE
    TALK "Ninguém teve uma ideia hoje. A sua pode ser a primeira."
  END IF
END SUB
`,
  ),
};
