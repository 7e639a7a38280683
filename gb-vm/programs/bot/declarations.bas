' Declarations are told to whoever publishes; none of them runs.
PARAM name AS STRING LIKE "Ana" DESCRIPTION "Who it is for"
PARAM size AS STRING ENUM ["S", "M", "L"] LIKE "M" DESCRIPTION "Size" OPTIONAL
PARAM count AS INTEGER DEFAULT 1 ' a remark
PARAM when AS DATE LIKE "12/12/2026" OPTIONAL
PARAM unit AS "celsius", "fahrenheit"
PARAM plain
PARAM place AS STRING LIKE Recife Antigo
DESCRIPTION "Orders a shirt."
DESCRIPTION Called when somebody (anybody) asks for a shirt -> or "two", really
SET SCHEDULE "0 9 * * 1"
SET SCHEDULE "0 */15 * * * *"
SET SCHEDULE "every hour"
SET SCHEDULE "weekdays at 8am"
SET SCHEDULE "0 9 * * *" "jobs.bas" "report"
SET SCHEDULE every 1 hour
WEBHOOK "new-order"
USE WEBSITE "https://example.com" REFRESH "30d"
ON INSERT OF "orders"
ON EMAIL "help@example.com" SUBJECT "invoice"
TABLE orders ON shop READ BY "clerk;boss" WRITE BY "boss"
  id integer key
  customer string(80)*
  product integer references products
  total decimal(10,2)
  FIELD note AS TEXT
  created timestamp DEFAULT now()
  ' a remark
  UNIQUE(customer, created)
END TABLE
TALK "name is " + name + "."
TALK "done"
