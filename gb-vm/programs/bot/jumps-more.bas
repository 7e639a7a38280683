' Labels, the last of them at the end; END inside IF; GOTO out of loops; ON GOTO.
n = 0
again:
n = n + 1
IF n < 3 THEN GOTO again
TALK n
FOR i = 1 TO 10
  IF i = 4 THEN GOTO out
NEXT
out:
TALK i
choice = 2
ON choice GOTO one, two
one:
TALK "one"
two:
TALK "two"
GOSUB sub1
GOTO finish
sub1:
TALK "in sub"
RETURN
finish:
IF n = 3 THEN
  TALK "end"
  END
END IF
TALK "never"
last:
