' The one END IF that is missing is told where its IF stands.
HEAR answer
IF answer = "yes" THEN
  TALK "good"
ELSE
  TALK "bad"
HEAR more
