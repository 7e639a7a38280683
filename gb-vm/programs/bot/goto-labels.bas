' Labels are names in front of a colon or numbers in front of a line.
i = 0
again:
i = i + 1
IF i < 3 THEN GOTO again
TALK "counted to " + i
GOTO 100
TALK "never said"
100 TALK "line 100"
GO TO done
TALK "never said"
done:
TALK "done"
