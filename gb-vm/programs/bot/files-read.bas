' INPUT and LINE INPUT read what WRITE and PRINT wrote.
OPEN "people.txt" FOR OUTPUT AS #1
WRITE #1, "Ana, the first", 30
WRITE #1, "say ""hi""", -2.5
PRINT #1, "a whole line, with comma"
CLOSE #1
OPEN "people.txt" FOR INPUT AS #1
INPUT #1, name$, age
TALK name$ + " is " + (age + 1)
INPUT #1, name$, age
TALK name$ + " is " + age
LINE INPUT #1, rest$
TALK rest$
TRY
  LINE INPUT #1, more$
CATCH e
  TALK e.code
END TRY
CLOSE #1
TRY
  INPUT #1, x
CATCH e
  TALK e.message
END TRY
