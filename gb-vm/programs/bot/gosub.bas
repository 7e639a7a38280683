' GOSUB and RETURN, nested and recursive, from inside a loop.
FOR i = 1 TO 2
  GOSUB show
NEXT
depth = 3
GOSUB down
TALK "back on top"
ON 2 GOSUB first, second, third
ON 5 GOSUB first, second
ON 1 GOTO first, second
END
show:
  TALK "show " + i
RETURN
down:
  TALK "depth " + depth
  depth = depth - 1
  IF depth > 0 THEN GOSUB down
  TALK "up"
RETURN
first:
  TALK "first"
  END
second:
  TALK "second"
  RETURN
third:
  TALK "third"
RETURN
