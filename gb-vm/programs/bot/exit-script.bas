' EXIT in a loop and an IF of the script ends the whole script.
FOR EACH n IN [1, 2, 3]
  IF n = 2 THEN
    TALK "enough"
    EXIT
  END IF
  TALK n
NEXT
TALK "never"
