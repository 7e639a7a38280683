' Statements on one line, semicolons at the end, line numbers, labels, blank lines and tabs.
a = 1 : b = 2 : TALK a + b
c = 3;
TALK c;
TALK "semi" ;
10 TALK "ten"
20 d = 4
30 TALK d

	TALK "after a tab"
IF a = 1 THEN TALK "x" : TALK "y"
IF a = 2 THEN TALK "no" : TALK "neither"
let e = 5;
LET f = 6
TALK e + f
