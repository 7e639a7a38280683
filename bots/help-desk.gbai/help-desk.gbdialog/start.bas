' A question, an answer if there is one, else a person.

INCLUDE "tables.bas"

TALK "Hello ${username}, this is the help desk. What is the matter?"
DO
  HEAR question AS "My tickets", *
  IF question = "My tickets" THEN
    show_tickets()
  ELSE
    help(question)
  END IF
  HEAR again AS BOOLEAN WITH "Is there anything else?"
  IF NOT again THEN EXIT DO
  TALK "Go ahead."
LOOP
TALK "Take care, ${username}."

SUB help(question)
  DIM known, helped
  known = known_answer(question)
  IF NOT known IS NULL THEN
    TALK known
    HEAR helped AS BOOLEAN WITH "Did that help?"
    IF helped THEN
      TALK "Glad to hear it."
      EXIT SUB
    END IF
  ELSE
    TALK "That one I do not know."
  END IF
  HEAR answer AS "Talk to a person", "Never mind" WITH "Shall I fetch somebody?"
  IF answer = "Talk to a person" THEN hand_over(question)
END SUB

' The first answer one of whose words is in the question.
FUNCTION known_answer(question)
  DIM row, word, text
  text = LCASE(question)
  FOR EACH row IN FIND "answers.csv"
    FOR EACH word IN SPLIT(row.words, "|")
      IF text CONTAINS word THEN RETURN row.answer
    NEXT
  NEXT
  RETURN NULL
END FUNCTION

SUB hand_over(question)
  DIM helped, stars, number
  number = UCASE(LEFT(REPLACE(GUID(), "-", ""), 6))
  SAVE "tickets", number, person = handle, question, state = "open", opened = NOW
  TALK "Your ticket is **${number}**."
  helped = TRANSFER TO HUMAN, question
  IF helped IS NULL THEN
    TALK "Nobody is there just now. Ticket ${number} stays open, and somebody will write to you."
    EXIT SUB
  END IF
  UPDATE "tickets" SET state = "closed", helper = helped.by WHERE number = number
  HEAR stars AS "★", "★★", "★★★" WITH "I'm back. How was ${helped.by}?"
  UPDATE "tickets" SET stars = LEN(stars) WHERE number = number
  TALK "Thank you, I pass it on."
END SUB

SUB show_tickets()
  DIM mine, one
  mine = FIND "tickets" WHERE person = handle ORDER BY opened DESC LIMIT 5
  IF mine IS NULL THEN
    TALK "You have no tickets. May it stay like that."
    EXIT SUB
  END IF
  FOR EACH one IN mine
    TALK "**${one.number}** (${one.state}): ${one.question}"
  NEXT
END SUB
