' In the morning, newcomers hear of the step that is open. After some weeks the bot leaves them alone.

SET SCHEDULE "weekdays at 9am"
INCLUDE "steps.bas"

days = VAL(GET CONFIG "reminder-days")
FOR EACH one IN FIND "newcomers" WHERE first_day >= ADD DAYS(TODAY, -days) AND first_day <= TODAY
  open_step = next_step(one.person)
  IF NOT open_step IS NULL THEN
    TALK TO "@" + one.person, "Good morning! Today might be a day for: **${open_step.title}**. Write to me when you begin."
  END IF
NEXT
