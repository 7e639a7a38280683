' What is done and what comes next, for everybody who needs it.

' The first step that this person has not done, or NULL.
FUNCTION next_step(who)
  DIM one, done
  FOR EACH one IN FIND "steps.csv"
    done = FIND ONE "steps_done" WHERE person = who AND step = one.id
    IF done IS NULL THEN RETURN one
  NEXT
  RETURN NULL
END FUNCTION

FUNCTION progress(who)
  RETURN "Step ${COUNT(FIND "steps_done" WHERE person = who) + 1} of ${COUNT(FIND "steps.csv")}"
END FUNCTION
