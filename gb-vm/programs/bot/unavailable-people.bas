' Tasks, calendars, customers and people who answer. Each form compiles, and says by name what is not offered.
done = 0
name = "Ana"
prompt = "p"
rows = [{"n": 1}]
SUB check(e, keyword)
  IF e.code <> "operation_unavailable" OR NOT (e.message CONTAINS keyword) THEN TALK keyword + ": " + e.code + " " + e.message
END SUB
TRY
  CREATE_TASK "Call", "ana@example.com", TODAY
  TALK "went through: CREATE TASK"
CATCH e
  check(e, "CREATE TASK")
  done = done + 1
END TRY
TRY
  CREATE TASK "Call", "high", "ana"
  TALK "went through: CREATE TASK"
CATCH e
  check(e, "CREATE TASK")
  done = done + 1
END TRY
TRY
  BOOK "Visit", "2026-12-01 10:00", 60
  TALK "went through: BOOK"
CATCH e
  check(e, "BOOK")
  done = done + 1
END TRY
TRY
  BOOK_MEETING {"title": "R"}, ["a@example.com"]
  TALK "went through: BOOK MEETING"
CATCH e
  check(e, "BOOK MEETING")
  done = done + 1
END TRY
TRY
  x = CHECK_AVAILABILITY "2026-12-01", 30
  TALK "went through: CHECK AVAILABILITY"
CATCH e
  check(e, "CHECK AVAILABILITY")
  done = done + 1
END TRY
TRY
  ADD_MEMBER "team", "ana", "member"
  TALK "went through: ADD MEMBER"
CATCH e
  check(e, "ADD MEMBER")
  done = done + 1
END TRY
TRY
  CREATE_TEAM "team", ["ana"], "w"
  TALK "went through: CREATE TEAM"
CATCH e
  check(e, "CREATE TEAM")
  done = done + 1
END TRY
TRY
  x = USER OF "ana"
  TALK "went through: USER OF"
CATCH e
  check(e, "USER OF")
  done = done + 1
END TRY
TRY
  x = FIND CONTACT "Ana"
  TALK "went through: FIND CONTACT"
CATCH e
  check(e, "FIND CONTACT")
  done = done + 1
END TRY
TRY
  CREATE DEAL "ana", "chairs", 900
  TALK "went through: CREATE DEAL"
CATCH e
  check(e, "CREATE DEAL")
  done = done + 1
END TRY
TRY
  ADD NOTE "ana", "green"
  TALK "went through: ADD NOTE"
CATCH e
  check(e, "ADD NOTE")
  done = done + 1
END TRY
TRY
  PAY "A-12", 30, "card"
  TALK "went through: PAY"
CATCH e
  check(e, "PAY")
  done = done + 1
END TRY
TRY
  x = GET STOCK "tea"
  TALK "went through: GET STOCK"
CATCH e
  check(e, "GET STOCK")
  done = done + 1
END TRY
TRY
  x = ACTIVE TASKS
  TALK "went through: ACTIVE TASKS"
CATCH e
  check(e, "ACTIVE TASKS")
  done = done + 1
END TRY
TRY
  x = SCORE LEAD {"a": 1}
  TALK "went through: SCORE LEAD"
CATCH e
  check(e, "SCORE LEAD")
  done = done + 1
END TRY
TRY
  x = QUALIFY LEAD "ana"
  TALK "went through: QUALIFY LEAD"
CATCH e
  check(e, "QUALIFY LEAD")
  done = done + 1
END TRY
TRY
  UPDATE LEAD SCORE "ana", 10, "asked"
  TALK "went through: UPDATE LEAD SCORE"
CATCH e
  check(e, "UPDATE LEAD SCORE")
  done = done + 1
END TRY
TRY
  x = GET QUEUE
  TALK "went through: GET QUEUE"
CATCH e
  check(e, "GET QUEUE")
  done = done + 1
END TRY
TRY
  x = NEXT IN QUEUE
  TALK "went through: NEXT IN QUEUE"
CATCH e
  check(e, "NEXT IN QUEUE")
  done = done + 1
END TRY
TRY
  ASSIGN CONVERSATION "12", "bruno"
  TALK "went through: ASSIGN CONVERSATION"
CATCH e
  check(e, "ASSIGN CONVERSATION")
  done = done + 1
END TRY
TRY
  RESOLVE CONVERSATION "12", "paid"
  TALK "went through: RESOLVE CONVERSATION"
CATCH e
  check(e, "RESOLVE CONVERSATION")
  done = done + 1
END TRY
TRY
  TAG CONVERSATION "12", "urgent"
  TALK "went through: TAG CONVERSATION"
CATCH e
  check(e, "TAG CONVERSATION")
  done = done + 1
END TRY
TRY
  x = GET ATTENDANTS
  TALK "went through: GET ATTENDANTS"
CATCH e
  check(e, "GET ATTENDANTS")
  done = done + 1
END TRY
TRY
  x = GET ATTENDANTS "online"
  TALK "went through: GET ATTENDANTS"
CATCH e
  check(e, "GET ATTENDANTS")
  done = done + 1
END TRY
TRY
  x = ANALYZE SENTIMENT "12", "hi"
  TALK "went through: SENTIMENT"
CATCH e
  check(e, "SENTIMENT")
  done = done + 1
END TRY
TRY
  x = GET TIPS "12", "hi"
  TALK "went through: GET TIPS"
CATCH e
  check(e, "GET TIPS")
  done = done + 1
END TRY
TRY
  x = POLISH MESSAGE "hi", "formal"
  TALK "went through: POLISH MESSAGE"
CATCH e
  check(e, "POLISH MESSAGE")
  done = done + 1
END TRY
TRY
  x = GET SMART REPLIES "12"
  TALK "went through: GET SMART REPLIES"
CATCH e
  check(e, "GET SMART REPLIES")
  done = done + 1
END TRY
TRY
  x = GET SUMMARY "12"
  TALK "went through: GET SUMMARY"
CATCH e
  check(e, "GET SUMMARY")
  done = done + 1
END TRY
TRY
  SET PRIORITY "12", "high"
  TALK "went through: SET PRIORITY"
CATCH e
  check(e, "SET PRIORITY")
  done = done + 1
END TRY
TRY
  TRANSFER
  TALK "went through: TRANSFER"
CATCH e
  check(e, "TRANSFER")
  done = done + 1
END TRY
TRY
  TRANSFER TO "sales"
  TALK "went through: TRANSFER"
CATCH e
  check(e, "TRANSFER")
  done = done + 1
END TRY
TRY
  TRANSFER TO HUMAN
  TALK "went through: TRANSFER TO HUMAN"
CATCH e
  check(e, "TRANSFER TO HUMAN")
  done = done + 1
END TRY
TRY
  transfer_to_human("sales")
  TALK "went through: TRANSFER TO HUMAN"
CATCH e
  check(e, "TRANSFER TO HUMAN")
  done = done + 1
END TRY
TALK done
