' A wrong closer names the block that is open, and its line; one message for one mistake.
IF a = 1 THEN
  TALK "one"

FOR EACH x IN [1, 2]
  IF x = 1 THEN
    TALK x
NEXT

SELECT CASE 5
CASE 5
  TALK "five"

END IF
TALK "after"
