' Calls without brackets inside longer values, IF as a function, FORMAT AS, durations.
total = 1234.5
TALK "CS-" + FORMAT NOW() AS "YYYYMMDD" + "-" + FORMAT RANDOM(7, 7)
TALK "Value: $" + FORMAT total AS "#,##0.00" + "\n" + "end"
lead = {"id": 5}
TALK FORMAT lead AS JSON
TALK "It is " + IF(total > 1000, "much", "little") + "."
kind = IF(lead.id = 5, "five", "other")
TALK kind
since = NOW() - DAYS(30)
TALK since
tomorrow = TODAY + DAYS(1)
TALK tomorrow
in_two = NOW() + HOURS(2)
TALK in_two
TALK LEN(FORMAT GUID())
SET lead.score = 10
TALK lead.score
SET plain = 5
TALK plain
stats = {"opened": COUNT([1, 2]), "when": DATEADD(TODAY, 1, "day"), "memo": GET BOT MEMORY("none")}
TALK stats
TALK UCASE(TRIM(LCASE("  Ab ")))
TALK NOT TRUE
TALK (1 > 2) = FALSE
TALK -lead.score + 1
TALK 10 MOD 4 * 2
TALK "a" & 1 + 2
x = 5 : y = x : x = 6
TALK y
TALK [1, 2] + "x"
