FOR i = 1 TO 10
  FOR EACH word IN ["a", "b", "c"]
    WHILE TRUE
      IF word = "b" THEN GOTO found
      EXIT WHILE
    WEND
  NEXT
NEXT
TALK "not found"
END
found:
TALK "left at " + i + word
SELECT CASE i
  CASE 1
    GOTO inside
  CASE ELSE
    TALK "never said"
END SELECT
IF FALSE THEN
  TALK "never said"
inside:
  TALK "jumped into a block"
END IF
TALK "end"
