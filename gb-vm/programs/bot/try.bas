FOR i = 1 TO 3
  TRY
    TALK "try " + i
    IF i = 2 THEN THROW "two is bad"
    IF i = 3 THEN EXIT FOR
    TALK "fine"
  CATCH e
    TALK "caught " + e.message
    TRY
      x = 1 / 0
    CATCH inner
      TALK "inner " + inner.number
    END TRY
  FINALLY
    TALK "finally " + i
  END TRY
NEXT
TRY
  HEAR answer AS INTEGER
  TALK 100 / answer
CATCH e
  TALK e.code
END TRY
THROW "the end"
