' Books, shows and cancels visits.

INCLUDE "visits.bas"

TALK "Hello ${username}!"
mine = FIND "visits" WHERE person = handle AND day >= TODAY ORDER BY day
IF mine IS NULL THEN
  book()
ELSE
  HEAR wish AS "Book a visit", "My visits" WITH "What can I do for you?"
  IF wish = "Book a visit" THEN
    book()
  ELSE
    show(mine)
  END IF
END IF

SUB book()
  HEAR service AS services.csv WITH "What would you like?"
  HEAR day AS DATE WITH "On which day?"
  hours = free_hours(day)
  DO WHILE LEN(hours) = 0
    HEAR day AS DATE WITH "Nothing is free on ${said(day)}. Which other day?"
    hours = free_hours(day)
  LOOP
  HEAR hour AS hours WITH "${said(day)}, at what time?"

  TRY
    SAVE "visits", day, hour, person = handle, name = username, service
  CATCH
    ' The key of the table: somebody took the hour while we were talking.
    TALK "Somebody was faster, sorry. Let us look again."
    book()
    EXIT SUB
  END TRY
  price = FIND ONE "services.csv" WHERE service = service
  TALK {card: {title: service, subtitle: said(day), facts: [
    {name: "Time", value: hour},
    {name: "Price", value: FORMAT(price.price, "$ #,##0.00")}
  ]}}
  TALK "It is yours. I remind you the day before."
END SUB

SUB show(visits)
  labels = []
  FOR EACH one IN visits
    PUSH labels, "${one.service}, ${said(one.day)} ${one.hour}"
  NEXT
  PUSH labels, "All is well"
  HEAR which AS labels WITH "To cancel a visit, choose it:"
  place = INDEX OF(labels, which)
  IF place = LEN(visits) THEN
    TALK "See you soon!"
  ELSE
    gone = visits[place]
    DELETE FROM "visits" WHERE day = gone.day AND hour = gone.hour
    TALK "Cancelled: ${which}."
  END IF
END SUB
