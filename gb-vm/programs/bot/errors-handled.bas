' TRY, THROW, ON ERROR and ERROR MESSAGE.
TRY
  x = 1 / 0
CATCH e
  TALK e.code + " in line " + e.line
END TRY
TRY
  THROW "no stock"
CATCH e
  TALK e.message
END TRY
TRY
  x = PARSE("{broken")
CATCH e
  TALK e.code
END TRY
ON ERROR RESUME NEXT
x = 1 / 0
IF ERROR THEN TALK "failed: " + ERROR MESSAGE
IF INSTR(ERROR MESSAGE, "zero") > 0 THEN TALK "zero"
CLEAR ERROR
IF NOT ERROR THEN TALK "clear"
ON ERROR GOTO 0
ON ERROR GOTO failed
y = "a" * 2
TALK "after"
END
failed:
TALK "handled " + ERR
RESUME NEXT
