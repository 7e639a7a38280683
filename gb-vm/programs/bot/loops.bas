' FOR EACH with NEXT, NEXT name, END FOR, DO at the end; FOR with STEP; DO, WHILE; EXIT and CONTINUE.
list = ["a", "b", "c"]
FOR EACH x IN list
  TALK x
NEXT
FOR EACH x IN list
  IF x = "b" THEN
    TALK "found b"
    EXIT FOR
  END IF
NEXT x
FOR EACH x IN list DO
  TALK UCASE(x)
END FOR
FOR x IN list
  TALK x + x
NEXT
FOR i = 1 TO 3
  TALK i
NEXT i
FOR i = 10 TO 0 STEP -5
  TALK i
NEXT
FOR i = 5 TO 1
  TALK "never"
NEXT
i = 0
DO WHILE i < 2
  i = i + 1
  TALK "do " + i
LOOP
DO
  i = i + 1
LOOP UNTIL i >= 5
TALK i
WHILE i > 3
  i = i - 1
WEND
TALK i
DO UNTIL i = 0
  i = i - 1
LOOP
TALK i
FOR i = 1 TO 5
  IF i MOD 2 = 0 THEN CONTINUE FOR
  IF i = 5 THEN EXIT FOR
  TALK "odd " + i
NEXT
DO
  i = i + 1
  IF i > 7 THEN EXIT DO
LOOP
TALK i
FOR EACH key IN {"one": 1, "two": 2}
  TALK key
NEXT
FOR EACH row IN [{"n": 1}, {"n": 2}]
  FOR EACH mark IN ["+", "-"]
    TALK mark + row.n
  NEXT
END FOR
FOR EACH letter IN "hi"
  TALK letter
NEXT
