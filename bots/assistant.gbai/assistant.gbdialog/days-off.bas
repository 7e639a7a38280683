DESCRIPTION "How many days off the person has left this year, and takes some of them when asked to."
PARAM first_day AS DATE OPTIONAL LIKE "2026-07-13" DESCRIPTION "The first day off, when some are to be taken"
PARAM count AS INTEGER OPTIONAL LIKE 5 DESCRIPTION "How many days are to be taken"

TABLE days_off
  person string(80)*
  first_day date*
  days integer*
END TABLE

taken = SUM(PLUCK((FIND "days_off" WHERE person = handle AND first_day >= YEAR(TODAY) + "-01-01"), "days"))
left_over = VAL(GET CONFIG "days-off-a-year") - taken

IF first_day IS NULL OR count IS NULL THEN RETURN {left: left_over}
IF first_day < TODAY THEN RETURN {error: "The first day is over.", left: left_over}
IF count < 1 OR count > left_over THEN RETURN {error: "Only ${left_over} days are left.", left: left_over}
SAVE "days_off", person = handle, first_day, days = count
RETURN {taken: count, from: first_day, left: left_over - count}
