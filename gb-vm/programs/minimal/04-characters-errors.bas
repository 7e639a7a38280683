10 PRINT "lower case"
20 let A = 1
30 PRINT "TWO"MARKS"
40 PRINT "NEVER CLOSED
50 PRINT @
60 REM any character may stand in a remark: { } ~
70 END
