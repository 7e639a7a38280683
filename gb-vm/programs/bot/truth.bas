' What counts as no: 0, "", NULL, FALSE, what was never set, an empty list.
SUB tell(name, value)
  IF value THEN
    TALK name + ": yes"
  ELSE
    TALK name + ": no"
  END IF
END SUB
CALL tell("zero", 0)
CALL tell("one", 1)
CALL tell("minus one", -1)
CALL tell("empty text", "")
CALL tell("text", "x")
CALL tell("text zero", "0")
CALL tell("null", NULL)
CALL tell("false", FALSE)
CALL tell("true", TRUE)
CALL tell("empty list", [])
CALL tell("list", [0])
CALL tell("object", {"a": 1})
IF never THEN TALK "never: yes" ELSE TALK "never: no"
IF NOT never THEN TALK "not never"
found = FIND "nothing-here"
IF found THEN TALK "found" ELSE TALK "not found"
IF NOT found THEN TALK "none"
