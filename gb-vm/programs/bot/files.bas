' Files of the bot: written, read, listed, copied, moved, deleted, and line by line as old programs do.
WRITE "notes/a.txt", "first"
TALK READ "notes/a.txt"
WRITE FILE "notes/b.txt", "second line"
text = READ FILE "notes/b.txt"
TALK text
CREATE FILE "c.txt" WITH "third"
report = "all is well"
SAVE report AS "report.txt"
TALK READ("report.txt")
COPY "c.txt", "notes/c.txt"
COPY "c.txt" TO "d.txt"
MOVE "d.txt", "e.txt"
TALK READ("e.txt")
FOR EACH item IN LIST "notes"
  TALK item.name + " in " + item.path
NEXT
list = DIR "notes"
TALK LEN(list)
DELETE FILE "notes/a.txt"
DELETE_FILE "notes/b.txt"
TALK LEN(LIST "notes")
OPEN "log.txt" FOR OUTPUT AS #1
PRINT #1, "one"
WRITE #1, "two", 3
CLOSE #1
OPEN "log.txt" FOR APPEND AS 2
PRINT #2, "end"
CLOSE #2
TALK READ("log.txt")
TRY
  x = READ "nowhere.txt"
CATCH e
  TALK e.code
END TRY
