' What is told of the sales, from the file or whatever table you put in its place.

FUNCTION by(column)
  DIM sales
  sales = FIND "sales.csv"
  SWITCH column
  CASE "month"
    RETURN SELECT month, SUM(amount) AS amount FROM sales GROUP BY month ORDER BY month
  CASE "product"
    RETURN SELECT product, SUM(amount) AS amount FROM sales GROUP BY product ORDER BY amount DESC
  DEFAULT
    RETURN SELECT city, SUM(amount) AS amount FROM sales GROUP BY city ORDER BY amount DESC
  END SWITCH
END FUNCTION

' The last month in a sentence, beside the one before.
FUNCTION in_short()
  DIM months, now_sold, before, change
  months = by("month")
  now_sold = LAST(months)
  before = months[LEN(months) - 2]
  change = (now_sold.amount - before.amount) / before.amount * 100
  RETURN "**${now_sold.month}**: ${FORMAT(now_sold.amount, "$ #,##0")}, ${FORMAT(ABS(change), "0.0")}% ${IIF(change < 0, "less", "more")} than the month before. Best: ${FIRST(by("product")).product}."
END FUNCTION
