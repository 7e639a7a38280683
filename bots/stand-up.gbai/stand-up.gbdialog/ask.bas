' In the morning, everybody is asked.

SET SCHEDULE "weekdays at 9am"
INCLUDE "team.bas"

FOR EACH one IN FIND "team"
  answered = FIND "updates" WHERE entry = TODAY + "/" + one.person
  IF answered IS NULL THEN TALK TO "@" + one.person, "Good morning, ${one.name}! Write me a word when you are ready for the stand-up."
NEXT
