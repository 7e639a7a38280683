' An error goes up to the nearest procedure that handles errors.
SUB deep(n)
  IF n = 0 THEN
    THROW "too deep"
  END IF
  deep(n - 1)
END SUB
FUNCTION safe(n)
  ON ERROR GOTO caught
  deep(n)
  RETURN "fine"
caught:
  RETURN "caught: " + ERROR MESSAGE
END FUNCTION
TALK safe(3)
TRY
  deep(1)
CATCH e
  TALK e.message + " at " + e.line
END TRY
deep(0)
