' CSV makes a file of rows.
rows = [{"name": "Ana", "total": 30}, {"name": "Bia, jr", "total": 5}]
WRITE "report.csv", CSV(rows)
back = FIND "report.csv", "total=5"
TALK back.name
FOR EACH line IN LINES(READ("report.csv"))
  TALK line
NEXT
csv = "a name too"
TALK csv
