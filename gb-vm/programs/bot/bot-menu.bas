' A menu with GOSUB and SELECT, questions inside procedures, and suggestions.
visits = GET BOT MEMORY("visits") OR 0
visits = visits + 1
SET BOT MEMORY "visits", visits
start:
ADD SUGGESTION "hours" AS "Hours"
ADD SUGGESTION "book" AS "Book"
ADD SUGGESTION "bye" AS "Bye"
TALK "Visit ${visits}. What can I do?"
HEAR choice
SELECT CASE LCASE(TRIM(choice))
CASE "hours"
  GOSUB hours
CASE "book"
  CALL book("visit")
CASE "bye", "exit"
  TALK "Bye!"
  END
CASE ELSE
  TALK "I do not know ${choice}."
END SELECT
GOTO start

hours:
IF WEEKDAY(TODAY) = 1 THEN
  TALK "Closed on Sundays."
ELSE
  TALK "From 9 to 5."
END IF
RETURN

SUB book(what)
  DO
    HEAR day AS DATE WITH "Which day for the ${what}?"
    IF DATEDIFF("day", TODAY, day) > 0 THEN EXIT DO
    TALK "That day has gone."
  LOOP
  HEAR at AS HOUR WITH "What time?"
  busy = FIND "bookings" WHERE day = day AND at = at
  IF busy THEN
    TALK "Taken."
    EXIT SUB
  END IF
  SAVE "bookings", day, at
  TALK "Booked: ${FORMAT(day, "DD/MM")} at ${at}."
END SUB
