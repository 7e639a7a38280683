' Before lunch, the team hears of it, in the channels the bot was added to.

SET SCHEDULE "weekdays at 11:30am"
INCLUDE "team.bas"

answers = FIND "updates" WHERE day = TODAY ORDER BY name
IF NOT answers IS NULL THEN
  report = "**Stand-up of ${WEEKDAYNAME(TODAY)}**"
  FOR EACH one IN answers
    report = report + "\n- **${one.name}** did: ${one.did}. Today: ${one.plan}."
    IF one.blocked <> "Nothing" THEN report = report + " **In the way: ${one.blocked}**"
  NEXT
  silent = COUNT(FIND "team") - COUNT(answers)
  IF silent > 0 THEN report = report + "\n${silent} without an answer."
  TALK report
END IF
