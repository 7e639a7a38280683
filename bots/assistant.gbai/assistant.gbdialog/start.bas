' A language model that knows the handbook and has two tools. Without a model it still finds the right page.

BEGIN SYSTEM PROMPT
You are the assistant of our office: friendly, brief, and honest about what you do not know.
Days off and meeting rooms you settle with your tools; what the rules are stands in the handbook.
Never promise anything that neither of them says.
END SYSTEM PROMPT
SET CONTEXT "who" AS "You talk to ${username}. Today is ${WEEKDAYNAME(TODAY)}, ${TODAY}."
USE KB "handbook"
ADD TOOL "days-off"
ADD TOOL "book-room"

TALK "Hello ${username}, what can I do for you?"
ADD SUGGESTION TEXT "How many days off do I have left?" AS "My days off"
ADD SUGGESTION TEXT "Which meeting rooms are there?" AS "Meeting rooms"
ADD SUGGESTION "That is all"
DO
  HEAR question
  IF question = "That is all" THEN EXIT DO
  TRY
    TALK LLM question
  CATCH problem
    IF problem.code <> "setting_missing" THEN
      LOG problem.message
      TALK "I cannot think straight just now. Please ask again in a minute."
    ELSE
      TALK THINK KB question
    END IF
  END TRY
LOOP
TALK "See you, ${username}."
