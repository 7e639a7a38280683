' Places are counted from 1 by MID and INSTR; searches are said twice: as a word before its values, and as a function.
TALK LEN("hello")
TALK MID("hello", 2, 3)
TALK MID("hello", 3)
TALK LEFT("hello", 2) + RIGHT("hello", 2)
TALK LEFT("hi", 10)
TALK INSTR("hello", "l")
TALK INSTR(4, "hello", "l")
TALK INSTR("hello", "z")
TALK UCASE("ab") + LCASE("CD") + UPPER("e") + LOWER("F")
TALK "[" + TRIM("  x  ") + "][" + LTRIM("  x") + "][" + RTRIM("x  ") + "]"
TALK REPLACE("a-b-c", "-", "")
parts = SPLIT("a,b,c", ",")
TALK parts[2] + LEN(parts)
words = SPLIT("one two")
TALK JOIN(parts, "+")
TALK VAL("12.5kg") + 1
TALK VAL("none")
TALK STR(5) + "!"
TALK LEN(STR(12))
TALK INT(7.9) + INT(-7.1)
TALK ROUND(2.345, 2)
TALK ROUND(2.5)
TALK ABS(-3)
TALK IIF(1 > 2, "yes", "no")
TALK ISNULL(nothing)
TALK ISEMPTY("")
TALK ISEMPTY([])
TALK IS EMPTY "x"
TALK CHR(65) + ASC("A")
TALK STRING(3, "*") + SPACE(2) + "|"
TALK UCASE$("dollar")
LET n$ = MID$("dollar", 1, 3)
TALK n$
x = LCASE "WORD"
TALK x
TALK RANDOM(5, 5)
r = RANDOM(1, 6)
IF r >= 1 AND r <= 6 AND r = INT(r) THEN TALK "a die"
TALK MAX(1, 5, 3) + MIN(4, 2)
TALK REVERSE("abc")
TALK STARTSWITH("hello", "he")
TALK UCASE(LEFT(TRIM("  ana "), 1)) + "na"
TALK INT("7") + 1
