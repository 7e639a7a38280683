' In the afternoon, everybody hears of their visit of tomorrow.

SET SCHEDULE "every day at 4pm"
INCLUDE "visits.bas"

tomorrow = ADD DAYS(TODAY, 1)
FOR EACH visit IN FIND "visits" WHERE day = tomorrow ORDER BY hour
  TALK TO "@" + visit.person, "Until tomorrow at ${visit.hour}: ${visit.service}. If something came up, write to me."
NEXT
