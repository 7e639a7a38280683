' Remarks and blank lines between all parts of a block.
IF 1 = 2 THEN ' first
  ' nothing
ELSE IF 1 = 1 THEN REM second

  # here
  TALK "yes" ' said
ELSE
  REM not
END IF ' done
SELECT CASE 2
  ' before the first
CASE 1 ' one
  TALK "one"

  # between
CASE 2
  ' two
  TALK "two"
END SELECT
FOR EACH x IN [1] ' each
  ' x
NEXT ' end
o = {
  ' a remark
  "a": 1, ' the first
  # and another
  "b": 2
}
TALK o.b
list = [1, ' one
  2, // two
  3]
TALK LEN(list)
TRY
  ' try
  TALK "try"
CATCH
  ' nothing
END TRY
