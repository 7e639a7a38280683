' Figures on request.

INCLUDE "figures.bas"

TALK "Hello ${username}! ${in_short()}"
DO
  HEAR wish AS "By month", "By product", "By city", "As a PDF", "That is all" WITH "What would you like to see?"
  SELECT CASE wish
  CASE "By month"
    show("line", by("month"))
  CASE "By product"
    show("pie", by("product"))
  CASE "By city"
    show("bar", by("city"))
  CASE "As a PDF"
    send_pdf()
  END SELECT
LOOP UNTIL wish = "That is all"
TALK "Have a good day!"

SUB show(kind, rows)
  DIM row, name, picture
  FOR EACH row IN rows
    name = KEYS(row)[0]
    TALK "${row[name]}: ${FORMAT(row.amount, "$ #,##0")}"
  NEXT
  picture = CHART kind, rows
  TALK picture
END SUB

SUB send_pdf()
  DIM sales, paper
  sales = PIVOT((FIND "sales.csv"), "product", "month", "amount")
  paper = sales AS PDF
  TALK paper
  HEAR mailed AS BOOLEAN WITH "Shall I mail it to somebody?"
  IF NOT mailed THEN EXIT SUB
  HEAR address AS EMAIL WITH "To which address?"
  TRY
    SEND MAIL address, "Sales", in_short(), ATTACHMENT paper
    TALK "Sent to ${address}."
  CATCH problem
    TALK "It could not be sent: ${problem.message}"
  END TRY
END SUB
