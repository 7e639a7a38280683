' A job: rows are read, counted, grouped and written as a text of many lines.
SET SCHEDULE "0 8 * * 1"
FOR i = 1 TO 6
  WITH sale
    id = i
    city = IIF(i MOD 2 = 0, "Recife", "Olinda")
    total = i * 10.5
    day = DATEADD("2026-11-01", i * 3, "day")
  END WITH
  SAVE "sales", sale
NEXT
rows = FIND "sales", "day >= 2026-11-08"
report = "Sales since 8 November\n"
cities = SELECT city, SUM(total) AS total, COUNT(*) AS count FROM rows GROUP BY city ORDER BY city
FOR EACH c IN cities
  report = report + "- " + c.city + ": " + c.count + " for " + FORMAT(c.total, "#,##0.00") + "\n"
NEXT
best = SORT rows BY "total" DESC
report = report + "Best: #" + best[0].id + " (" + FORMAT(best[0].day, "DD/MM/YYYY") + ")"
TALK report
TALK "Sum " + AGGREGATE("SUM", rows, "total")
late = FILTER rows WHERE total > 50
TALK late
UPDATE "sales" SET status = "late" WHERE total > 50
n = FIND "sales", "status=late"
TALK UBOUND(n) + " late"
DELETE FROM "sales" WHERE city = "Olinda"
TALK UBOUND(FIND "sales") + " left"
