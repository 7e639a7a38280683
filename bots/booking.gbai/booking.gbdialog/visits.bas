' The table of visits, and which hours are free. Its key keeps two people out of one hour, whoever is faster.

TABLE visits
  day date key
  hour time key
  person string(80)*
  name string(120)
  service string(80)
END TABLE

' The free hours of a day as a list like 09:00, 10:00; empty on weekends and in the past.
FUNCTION free_hours(day)
  DIM free, i, hour
  free = []
  IF WEEKDAY(day) = 1 OR WEEKDAY(day) = 7 THEN RETURN free
  FOR i = VAL(GET CONFIG "opens") TO VAL(GET CONFIG "closes") - 1
    hour = PADLEFT(i, 2, "0") + ":00"
    IF day + " " + hour > NOW AND COUNT(FIND "visits" WHERE day = day AND hour = hour) = 0 THEN PUSH free, hour
  NEXT
  RETURN free
END FUNCTION

FUNCTION said(day)
  RETURN WEEKDAYNAME(day) + ", " + FORMAT(day, "dd/MM/yyyy")
END FUNCTION
