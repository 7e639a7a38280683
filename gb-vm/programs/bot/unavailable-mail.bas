' What needs the world is refused by name where it is not offered; each form compiles.
n = 0
SUB refused(e)
  TALK e.code + ": " + MID(e.message, 1, 60)
END SUB
TRY
  SEND MAIL "ana@example.com", "Subject", "Body"
CATCH e
  TALK e.code
  IF e.message CONTAINS "SEND MAIL" THEN TALK "it names SEND MAIL"
END TRY
TRY
  SEND EMAIL "ana@example.com", "Subject", "Body", "a.pdf", "b.pdf" USING "shop"
CATCH e
  IF e.message CONTAINS "SEND MAIL" THEN n = n + 1
END TRY
TRY
  SEND EMAIL "ana@example.com", "only a text"
CATCH e
  IF e.message CONTAINS "SEND MAIL" THEN n = n + 1
END TRY
TRY
  SEND EMAIL TO "ana@example.com" SUBJECT "s" BODY "b"
CATCH e
  IF e.message CONTAINS "SEND MAIL" THEN n = n + 1
END TRY
TRY
  BEGIN MAIL "ana@example.com"
  Subject: Your order

  It is on its way.
  END MAIL
CATCH e
  IF e.message CONTAINS "SEND MAIL" THEN n = n + 1
END TRY
TRY
  CREATE_DRAFT "ana@example.com", "s", "b"
CATCH e
  IF e.message CONTAINS "CREATE DRAFT" THEN n = n + 1
END TRY
TRY
  SEND FILE "menu.pdf", "Our menu"
CATCH e
  IF e.message CONTAINS "SEND FILE" THEN n = n + 1
END TRY
TRY
  SEND FILE TO "+5511999990000", "menu.pdf", "Our menu"
CATCH e
  IF e.message CONTAINS "SEND FILE" THEN n = n + 1
END TRY
TRY
  SEND TEMPLATE TO "+5511999990000", "ready.json"
CATCH e
  IF e.message CONTAINS "SEND TEMPLATE" THEN n = n + 1
END TRY
TRY
  SEND TEMPLATE "ready", "whatsapp", "+5511999990000", {"name": "Ana"}
CATCH e
  IF e.message CONTAINS "SEND TEMPLATE" THEN n = n + 1
END TRY
TRY
  SEND SMS "+5511999990000", "text"
CATCH e
  IF e.message CONTAINS "SEND SMS" THEN n = n + 1
END TRY
TRY
  SEND SMS TO "+5511999990000", "text"
CATCH e
  IF e.message CONTAINS "SEND SMS" THEN n = n + 1
END TRY
TRY
  TALK TO "+5511999990000", "text"
CATCH e
  IF e.message CONTAINS "TALK TO" THEN n = n + 1
END TRY
TRY
  SEND TO "+5511999990000", "text"
CATCH e
  IF e.message CONTAINS "TALK TO" THEN n = n + 1
END TRY
TRY
  BROADCAST "text", ["+5511999990000"]
CATCH e
  IF e.message CONTAINS "BROADCAST" THEN n = n + 1
END TRY
TALK n
