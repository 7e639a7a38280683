' Workflows, other bots, events and other scripts. Each form compiles, and says by name what is not offered.
done = 0
name = "Ana"
prompt = "p"
rows = [{"n": 1}]
SUB check(e, keyword)
  IF e.code <> "operation_unavailable" OR NOT (e.message CONTAINS keyword) THEN TALK keyword + ": " + e.code + " " + e.message
END SUB
TRY
  ORCHESTRATE WORKFLOW "complaint"
  TALK "went through: ORCHESTRATE WORKFLOW"
CATCH e
  check(e, "ORCHESTRATE WORKFLOW")
  done = done + 1
END TRY
TRY
  STEP 1: BOT "classifier" "Is it a complaint?"
  TALK "went through: WORKFLOW STEP"
CATCH e
  check(e, "WORKFLOW STEP")
  done = done + 1
END TRY
TRY
  STEP 2: HUMAN APPROVAL FROM "boss@example.com" TIMEOUT 1800
  TALK "went through: WORKFLOW STEP"
CATCH e
  check(e, "WORKFLOW STEP")
  done = done + 1
END TRY
TRY
  STEP 3: PARALLEL
  TALK "went through: WORKFLOW STEP"
CATCH e
  check(e, "WORKFLOW STEP")
  done = done + 1
END TRY
TRY
  BRANCH A: BOT "stock" "Count"
  TALK "went through: BRANCH"
CATCH e
  check(e, "BRANCH")
  done = done + 1
END TRY
TRY
  END PARALLEL
  TALK "went through: END PARALLEL"
CATCH e
  check(e, "END PARALLEL")
  done = done + 1
END TRY
TRY
  x = HUMAN APPROVAL FROM "boss@example.com"
  TALK "went through: HUMAN APPROVAL"
CATCH e
  check(e, "HUMAN APPROVAL")
  done = done + 1
END TRY
TRY
  WAIT FOR EVENT "paid" TIMEOUT 60
  TALK "went through: WAIT FOR EVENT"
CATCH e
  check(e, "WAIT FOR EVENT")
  done = done + 1
END TRY
TRY
  PUBLISH EVENT "paid"
  TALK "went through: PUBLISH EVENT"
CATCH e
  check(e, "PUBLISH EVENT")
  done = done + 1
END TRY
TRY
  PUBLISH EVENT "paid", {"order": 1}
  TALK "went through: PUBLISH EVENT"
CATCH e
  check(e, "PUBLISH EVENT")
  done = done + 1
END TRY
TRY
  BOT SHARE MEMORY "prices" WITH "shop"
  TALK "went through: BOT SHARE MEMORY"
CATCH e
  check(e, "BOT SHARE MEMORY")
  done = done + 1
END TRY
TRY
  BOT SYNC MEMORY FROM "shop"
  TALK "went through: BOT SYNC MEMORY"
CATCH e
  check(e, "BOT SYNC MEMORY")
  done = done + 1
END TRY
TRY
  ADD BOT "shop" WITH TRIGGER "price, buy"
  TALK "went through: ADD BOT"
CATCH e
  check(e, "ADD BOT")
  done = done + 1
END TRY
TRY
  ADD BOT "shop" WITH TOOLS "a, b"
  TALK "went through: ADD BOT"
CATCH e
  check(e, "ADD BOT")
  done = done + 1
END TRY
TRY
  ADD BOT "shop" WITH SCHEDULE "0 9 * * *"
  TALK "went through: ADD BOT"
CATCH e
  check(e, "ADD BOT")
  done = done + 1
END TRY
TRY
  ADD BOT "shop"
  TALK "went through: ADD BOT"
CATCH e
  check(e, "ADD BOT")
  done = done + 1
END TRY
TRY
  DELEGATE TO "shop", "What does tea cost?"
  TALK "went through: DELEGATE"
CATCH e
  check(e, "DELEGATE")
  done = done + 1
END TRY
TRY
  DELEGATE "What?" TO BOT "shop"
  TALK "went through: DELEGATE"
CATCH e
  check(e, "DELEGATE")
  done = done + 1
END TRY
TRY
  CALL "report.bas"
  TALK "went through: RUN SCRIPT"
CATCH e
  check(e, "RUN SCRIPT")
  done = done + 1
END TRY
TRY
  CALL "report.bas", 5
  TALK "went through: RUN SCRIPT"
CATCH e
  check(e, "RUN SCRIPT")
  done = done + 1
END TRY
TRY
  x = CALL "/storage/list", {"a": 1}
  TALK "went through: RUN SCRIPT"
CATCH e
  check(e, "RUN SCRIPT")
  done = done + 1
END TRY
TRY
  x = RUN PYTHON "1 + 1"
  TALK "went through: RUN PYTHON"
CATCH e
  check(e, "RUN PYTHON")
  done = done + 1
END TRY
TRY
  x = RUN JAVASCRIPT "1 + 1"
  TALK "went through: RUN JAVASCRIPT"
CATCH e
  check(e, "RUN JAVASCRIPT")
  done = done + 1
END TRY
TRY
  RUN BASH "ls"
  TALK "went through: RUN BASH"
CATCH e
  check(e, "RUN BASH")
  done = done + 1
END TRY
TRY
  PUBLISH
  TALK "went through: PUBLISH"
CATCH e
  check(e, "PUBLISH")
  done = done + 1
END TRY
TRY
  AUTO SAVE ON
  TALK "went through: AUTO SAVE"
CATCH e
  check(e, "AUTO SAVE")
  done = done + 1
END TRY
TRY
  SECURITY SCAN "menu.pdf"
  TALK "went through: SECURITY"
CATCH e
  check(e, "SECURITY")
  done = done + 1
END TRY
TALK done
