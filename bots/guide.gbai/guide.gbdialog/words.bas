' Words that every part uses.

' The sentence in the language of this conversation.
FUNCTION t(english, portuguese)
  RETURN IIF(locale = "pt-BR", portuguese, english)
END FUNCTION

' Asks for yes or no and gives TRUE or FALSE back.
FUNCTION agrees(question)
  TALK question
  HEAR answer AS BOOLEAN
  RETURN answer
END FUNCTION

' A word about what somebody does.
FUNCTION greet_role(role)
  word = LCASE(role)
  IF word CONTAINS "dev" OR word CONTAINS "engineer" OR word CONTAINS "program" THEN
    RETURN t("A builder! You will enjoy writing bots.", "Quem constrói! Você vai gostar de escrever bots.")
  ELSE IF word CONTAINS "manag" OR word CONTAINS "lead" OR word CONTAINS "gerent" OR word CONTAINS "chef" THEN
    RETURN t("Then you will want everyone in one place. So do I.", "Então você quer todo mundo no mesmo lugar. Eu também.")
  ELSE IF word CONTAINS "support" OR word CONTAINS "suporte" OR word CONTAINS "sales" OR word CONTAINS "vendas" THEN
    RETURN t("Close to customers - bots can take the routine off your hands.", "Perto dos clientes - bots podem tirar a rotina das suas mãos.")
  END IF
  RETURN t("Nice to meet you.", "Prazer em conhecer você.")
END FUNCTION
