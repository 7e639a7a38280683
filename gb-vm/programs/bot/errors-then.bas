' THEN is needed, also in ELSE IF; one message each.
IF a = 1
  TALK "a"
END IF
IF b = 1 THEN
  TALK "b"
ELSE IF b = 2
  TALK "c"
END IF
WHILE c
  c = 0
WEND
IF d = 1 TALK "d"
TALK "end"
