' A little company. Three answers at most, so that nobody feels held.

SUB chat()
  TALK t("With pleasure. What is on your mind? Say *bye* when you have to go.", "Com prazer. O que você tem em mente? Diga *tchau* quando precisar ir.")
  FOR i = 1 TO 3
    HEAR words
    text = LCASE(words)
    IF text CONTAINS "bye" OR text CONTAINS "tchau" THEN EXIT FOR
    IF text CONTAINS "?" THEN
      TALK t("Good question. I would ask it in a channel of ${team}: somebody there knows.", "Boa pergunta. Eu perguntaria num canal de ${team}: alguém lá sabe.")
    ELSE IF text CONTAINS "thank" OR text CONTAINS "obrigad" THEN
      TALK t("You are welcome!", "De nada!")
    ELSE
      TALK t("I see. Tell me more.", "Entendo. Conte mais.")
    END IF
  NEXT
END SUB
