' = compares in conditions; <> and != are the same; texts and numbers compare by what they say.
a = 5
b = "5"
IF a = 5 THEN TALK "="
IF a == 5 THEN TALK "=="
IF a <> 6 THEN TALK "<>"
IF a != 6 THEN TALK "!="
IF a < 6 AND a > 4 THEN TALK "between"
IF a <= 5 AND a >= 5 THEN TALK "both ends"
IF a = b THEN TALK "text and number"
IF "abc" < "abd" THEN TALK "before"
IF "apple" = "Apple" THEN TALK "case blind" ELSE TALK "case counts"
same = a = 5
TALK same
TALK a = 6
IF NOT a = 6 THEN TALK "not"
IF a = 1 AND a >= 2 THEN TALK "wrong" ELSE TALK "right"
IF a = 5 OR a = 6 AND a = 7 THEN TALK "AND first"
IF (a = 5 OR a = 6) AND a = 7 THEN TALK "wrong" ELSE TALK "brackets"
IF a = 5 && b = "5" THEN TALK "&&"
IF a = 9 || b = "5" THEN TALK "||"
IF !(a = 9) THEN TALK "!"
IF a = 5 XOR a = 6 THEN TALK "xor"
TALK "this = that AND more"
