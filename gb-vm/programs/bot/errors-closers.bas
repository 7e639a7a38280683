' A closer of another block stands for the one that is missing, unless that one comes; one message for each.
IF n = 3 THEN
  NEXT
  TALK "three"
END IF
DO WHILE n < 3
  n = n + 1
WEND
SELECT CASE n
CASE 3
  TALK "three"
END CASE
SELECT CASE n
CASE 4
  TALK "four"
END IF
BEGIN TLAK
It's "text", not code
END TALK
BEGIN SYSTEM PROPMT
You're a "shop
END SYSTEM PROMPT
TALK "end"
