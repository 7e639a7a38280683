' The lines of BEGIN TALK are one message; the common indent goes; ${} is filled in, { } is not.
name = "Ana"
total = 12.5
BEGIN TALK
Hello ${name},

  your total is ${FORMAT(total, "0.00")}.
{name} and #{name} stay; so do 'quotes', "double" and REM.
IF this looks like code THEN it is text
END TALK
IF total > 10 THEN
  BEGIN TALK
    **Indented**
      - one
      - two
    END of the list
  END TALK
END IF
begin talk
small
end talk
BEGIN TALK
END TALK
BEGIN TALK
broken ${stays as it is
END TALK
TALK "after"
