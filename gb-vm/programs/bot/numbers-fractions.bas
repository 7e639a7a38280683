' Fractions show fifteen digits, so that what people add in tenths shows as tenths; whole numbers show all of theirs.
TALK 0.1 + 0.2
TALK 19.99 * 3
TALK 100 * 1.1
TALK 1 / 3
TALK 2 / 3
TALK 4.35 * 100
TALK 9007199254740991
TALK 123456789.123
TALK 0.1 * 3 & ""
TALK "total " + (1.1 + 2.2)
TALK "${0.7 + 0.1}"
TALK STR(0.1 + 0.7)
IF ROUND(0.1 + 0.2, 2) = 0.3 THEN TALK "rounded"
x = {"n": 0.5}
TALK x
