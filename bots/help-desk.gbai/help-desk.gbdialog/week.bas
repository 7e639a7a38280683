' On Friday afternoon: what the week was like.

SET SCHEDULE "every friday at 4pm"
INCLUDE "tables.bas"

recent = FIND "tickets" WHERE opened >= ADD DAYS(TODAY, -5)
IF recent IS NULL THEN
  TALK "No tickets this week. Have a good weekend!"
ELSE
  still_open = FILTER(recent, "state = open")
  TALK "**${COUNT(recent)} tickets** this week, ${COUNT(still_open)} still open."
  rated = FILTER(recent, "stars > 0")
  IF COUNT(rated) > 0 THEN TALK "Thanked with ${FORMAT(AGGREGATE("AVG", rated, "stars"), "0.0")} of 3 stars."
END IF
