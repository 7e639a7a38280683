' IF in all its forms; ELSE IF, ELSEIF and END IF, ENDIF.
SUB size(n)
  IF n > 100 THEN
    TALK "large"
  ELSE IF n > 10 THEN
    TALK "middle"
  ELSEIF n > 0 THEN
    TALK "small"
  ELSE
    TALK "none"
  END IF
END SUB
size(500)
size(50)
size(5)
size(0)
IF 1 = 1 THEN TALK "one line"
IF 1 = 2 THEN TALK "no" ELSE TALK "else on one line"
IF 1 = 1 THEN

  TALK "after a blank line"
ENDIF
IF 1 = 1 THEN
TALK "no indent"
END IF
n = 500
IF n > 100 THEN n = 100
TALK n
IF n = 100 THEN
  IF n > 50 THEN
    IF n > 99 THEN
      TALK "deep"
    END IF
  ELSE
    TALK "wrong"
  END IF
END IF
if n = 100 then
  talk "small letters"
end if
