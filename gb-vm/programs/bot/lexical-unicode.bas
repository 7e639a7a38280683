' Emoji, accents and other scripts pass through; LEN counts what a person would call letters of the Latin kind.
TALK "Olá, João! 😀 ✅"
TALK LEN("João")
TALK UCASE("ação é útil")
TALK LEFT("São Paulo", 3)
TALK MID("coração", 5)
TALK "日本語 • — °"
saudação = "Olá"
TALK "${saudação}, você"
TALK REPLACE("maçã", "ç", "c")
TALK INSTR("maçã", "ã")
IF "é" = "É" THEN
  TALK "same"
ELSE
  TALK "different"
END IF
BEGIN TALK
Café ☕ às 15h
END TALK
