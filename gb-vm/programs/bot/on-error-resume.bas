' RESUME tries the statement again; RESUME label goes on elsewhere; RESUME NEXT mode skips what fails.
ON ERROR GOTO mend
d = 0
TALK 10 / d
TALK "then"
ON ERROR GOTO leave
t = PARSE("{")
TALK "never said"
after:
ON ERROR RESUME NEXT
a = [1][5]
b = 1 / 0
TALK "a is " + a + ", b is " + b
IF ERR <> 0 THEN TALK "the last error was " + ERR
CLEAR ERROR
TALK ERR
END
mend:
  d = 5
RESUME
leave:
RESUME after
