' Whoever writes takes part: three questions, and the answers are there when the team reads them.

INCLUDE "team.bas"

member = FIND ONE "team" WHERE person = handle
IF member IS NULL THEN
  HEAR joins AS BOOLEAN WITH "Hi ${username}! I ask you every weekday at 9:00 and tell the team at 11:30. Shall I?"
  IF NOT joins THEN
    TALK "No problem. Write to me when you change your mind."
    END
  END IF
  SAVE "team", person = handle, name = username
  TALK "Welcome to the stand-up. Let us begin with today."
ELSE
  HEAR wish AS "Today's answers", "Leave the stand-up" WITH "Good to see you, ${username}."
  IF wish = "Leave the stand-up" THEN
    DELETE FROM "team" WHERE person = handle
    TALK "You are out. It was nice with you."
    END
  END IF
END IF

HEAR did WITH "What did you finish since last time?"
HEAR plan WITH "What are you up to today?"
HEAR blocked AS "Nothing", * WITH "Is anything in your way?"
entry = {entry: TODAY + "/" + handle, day: TODAY, person: handle, name: username, did: did, plan: plan, blocked: blocked}
MERGE "updates" WITH entry BY "entry"
TALK "Thank you. Have a good day!"
