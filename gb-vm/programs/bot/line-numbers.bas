10 REM a listing of old, in the dialect of today
20 ' with remarks
30
40 FOR i = 1 TO 3
50 IF i = 2 THEN GOTO 70
60 TALK "i is " + i
70 NEXT i
80 GOSUB 120
90 IF i > 3 THEN
100 TALK "done"
110 END IF
115 END
120 REM the end of it
130 TALK "sub"
140 RETURN
