ON ERROR GOTO wrong
list = [1, 2]
x = list[9]
TALK "after the first"
y = 1 / 0
TALK "after the second: " + y
ON ERROR GOTO 0
TALK "no handler now"
z = 1 / 0
TALK "never said"
END
wrong:
  TALK "line " + ERL + ": " + ERROR MESSAGE
RESUME NEXT
