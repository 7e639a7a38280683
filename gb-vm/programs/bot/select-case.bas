' SELECT CASE with lists, ranges, comparisons and texts; SELECT without CASE; SWITCH.
SUB grade(n)
  SELECT CASE n
  CASE 0
    TALK "zero"
  CASE 1, 2, 3
    TALK "few"
  CASE 4 TO 9
    TALK "some"
  CASE IS >= 100
    TALK "very many"
  CASE ELSE
    TALK "many"
  END SELECT
END SUB
grade(0)
grade(2)
grade(7)
grade(50)
grade(500)
word = "yes"
SELECT word
CASE "no"
  TALK "refused"
CASE "yes", "sure"
  TALK "agreed"
END SELECT
SWITCH word
CASE "no"
  TALK "no"
DEFAULT
  TALK "default"
END SWITCH
SWITCH UCASE(word)
CASE "YES"
  SELECT CASE 5
  CASE 5
    TALK "nested"
  END SELECT
CASE ELSE
  TALK "wrong"
END SWITCH
SELECT CASE TRUE
CASE 1 > 2
  TALK "wrong"
CASE 2 > 1
  TALK "true case"
END SELECT
