' EXIT alone leaves a procedure, without a value; outside of one it ends the script. STOP and END end it anywhere.
FUNCTION check(n)
  IF n > 1 THEN EXIT
  RETURN n
END FUNCTION
IF check(5) IS NULL THEN TALK "left"
TALK check(1)
SUB finish(n)
  IF n = 2 THEN
    TALK "stopping"
    STOP
  END IF
END SUB
FOR EACH n IN [1, 2, 3]
  finish(n)
  TALK "went on after " + n
NEXT
