' The places to go back to outlive a question.
FOR i = 1 TO 2
  GOSUB ask
  TALK "got " + answer
NEXT
END
ask:
  TALK "question " + i
  HEAR answer
RETURN
