' A round of questions from questions.csv, in an order that nobody knows before.

TABLE scores
  person string(80) key
  name string(120)
  points integer
  day date
END TABLE

TALK "Ready, ${username}? ${GET CONFIG "questions"} questions, one point each."
questions = TAKE(SHUFFLE(FIND "questions.csv"), VAL(GET CONFIG "questions"))
points = 0
FOR i = 0 TO LEN(questions) - 1
  points = points + ask(questions[i], i + 1)
NEXT

TALK "**${points} of ${LEN(questions)}**. ${praise(points, LEN(questions))}"
best = FIND ONE "scores" WHERE person = handle
IF best IS NULL OR points > best.points THEN
  row = {person: handle, name: username, points: points, day: TODAY}
  MERGE "scores" WITH row BY "person"
  IF NOT best IS NULL THEN TALK "Your best so far!"
END IF

HEAR wish AS "High scores", "Enough" WITH "Would you like to see the high scores?"
IF wish = "High scores" THEN
  place = 0
  FOR EACH row IN FIND "scores" ORDER BY points DESC, day LIMIT 10
    place = place + 1
    TALK "${place}. ${row.name}, ${row.points}"
  NEXT
END IF
TALK "Write to me for another round."

' Asks one question and gives 1 or 0.
FUNCTION ask(one, number)
  DIM choices, answer
  choices = SPLIT(one.wrong, "|")
  PUSH choices, one.right
  choices = SHUFFLE(choices)
  HEAR answer AS choices WITH "${number}. ${one.question}"
  IF answer = one.right THEN
    TALK "Right!"
    RETURN 1
  END IF
  TALK "No: ${one.right}."
  RETURN 0
END FUNCTION

FUNCTION praise(points, all)
  SELECT CASE points / all
  CASE 1
    RETURN "Nobody does better."
  CASE IS >= 0.5
    RETURN "Well done."
  CASE ELSE
    RETURN "The next round is yours."
  END SELECT
END FUNCTION
