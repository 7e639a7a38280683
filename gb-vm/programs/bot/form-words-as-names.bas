' Words that some form of a keyword has are names where a value is expected.
n = 0
url = "https://example.com"
body = {"total": 5}
to = "ana@example.com"
subject = "Hello"
text = "text"
headers = {}
query = "{a}"
variables = {}
action = "Read"
file = "a.pdf"
language = "pt"
SUB check(e, keyword)
  IF e.code = "operation_unavailable" AND e.message CONTAINS keyword THEN
    TALK keyword
  ELSE
    TALK e.code + " " + e.message
  END IF
END SUB
TRY
  x = POST url, body
CATCH e
  check(e, "POST")
END TRY
TRY
  POST url, body.total, 5
CATCH e
  check(e, "POST")
END TRY
TRY
  x = POST url BODY body HEADERS headers
CATCH e
  check(e, "POST")
END TRY
TRY
  x = PUT url, body
CATCH e
  check(e, "PUT")
END TRY
TRY
  x = GRAPHQL url, query, variables
CATCH e
  check(e, "GRAPHQL")
END TRY
TRY
  x = SOAP url, action, body
CATCH e
  check(e, "SOAP")
END TRY
TRY
  SEND MAIL to, subject, body
CATCH e
  check(e, "SEND MAIL")
END TRY
TRY
  SEND MAIL to, subject, body, ATTACHMENT file
CATCH e
  check(e, "SEND MAIL")
END TRY
TRY
  BROADCAST text, to
CATCH e
  check(e, "BROADCAST")
END TRY
TRY
  UPLOAD file, to
CATCH e
  check(e, "UPLOAD")
END TRY
TRY
  ASSIGN CONVERSATION 12, to
CATCH e
  check(e, "ASSIGN CONVERSATION")
END TRY
TRY
  x = TRANSLATE text, to
CATCH e
  check(e, "TRANSLATE")
END TRY
TRY
  x = TRANSLATE text TO language
CATCH e
  check(e, "TRANSLATE")
END TRY
TRY
  x = GET url, headers
CATCH e
  TALK e.code
END TRY
TRY
  x = GET headers.next
CATCH e
  TALK e.code
END TRY
set = {"a": 1}
where = "id=1"
SAVE "t", {"id": 1}
UPDATE "t", where, set
t = FIND "t", where
TALK t.a
