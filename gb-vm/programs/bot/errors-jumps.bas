' Places that are not there, and words outside of what they belong to.
GOTO nowhere
EXIT FOR
CASE 1
NEXT
again:
TALK "x"
again:
SUB twice()
END SUB
SUB twice()
END SUB
SUB gives()
  RETURN 5
END SUB
CONTINUE DO
TALK .name
INCLUDE "missing.bas"
LOOP
END FOR
