' Walks somebody new through the first weeks. What the steps are stands in steps.csv: change it there.

INCLUDE "steps.bas"

TABLE newcomers
  person string(80) key
  name string(120)
  first_day date
  buddy string(80)
END TABLE

TABLE steps_done
  person string(80)*
  step string(40)*
  done_on date
END TABLE

newcomer = FIND ONE "newcomers" WHERE person = handle
IF newcomer IS NULL THEN
  welcome()
ELSE
  TALK "Welcome back, ${username}!"
END IF

DO
  now_open = next_step(handle)
  IF now_open IS NULL THEN
    TALK "Everything is done. You are one of us now, ${username}!"
    EXIT DO
  END IF

  TALK {card: {title: now_open.title, subtitle: progress(handle), text: now_open.text}}
  HEAR answer AS "Done", "Not now", "I need help"

  SELECT CASE answer
  CASE "Done"
    SAVE "steps_done", person = handle, step = now_open.id, done_on = TODAY
    TALK "Well done."
  CASE "I need help"
    ask_buddy(now_open.title)
  CASE ELSE
    TALK "All right. Write to me when you want to go on."
    EXIT DO
  END SELECT
LOOP

SUB welcome()
  TALK "Hi ${username}, good to have you here! I'm Onboarding. I have ${COUNT(FIND "steps.csv")} small steps for you, and no hurry."
  HEAR first_day AS DATE WITH "When is your first day?"
  HEAR buddy AS "Nobody yet", * WITH "Who shows you around? Their name will do."
  IF buddy = "Nobody yet" THEN buddy = NULL
  SAVE "newcomers", person = handle, name = username, first_day, buddy
  IF buddy IS NULL THEN EXIT SUB

  TRY
    TALK TO buddy, "${username} starts on ${FORMAT(first_day, "dd/MM/yyyy")} and named you to show them around. A coffee would be a good start."
    TALK "I told ${buddy}."
  CATCH
    TALK "I could not find ${buddy} here, so please tell them yourself."
  END TRY
END SUB

SUB ask_buddy(subject)
  HEAR question WITH "What is the matter? I pass it on."
  helper = FIND ONE "newcomers" WHERE person = handle
  TRY
    TALK TO helper.buddy, "${username} is at “${subject}” and asks: ${question}"
    TALK "Passed on to ${helper.buddy}. You can go on meanwhile."
  CATCH
    TALK "I know nobody to ask for you. Try the channel of your team: somebody there went through this, too."
  END TRY
END SUB
