' One question at a time: somebody starts it, everybody votes once, and whoever started it ends it.

TABLE polls
  code string(8) key
  question string(300)*
  choices json
  owner string(80)
  open boolean
END TABLE

TABLE votes
  ballot string(100) key
  code string(8)*
  choice string(200)*
END TABLE

poll = FIND ONE "polls" WHERE open = TRUE
IF poll IS NULL THEN
  start_poll()
ELSE
  show_poll()
END IF

SUB start_poll()
  DIM choices
  HEAR question WITH "No poll is open. What would you like to ask everybody?"
  DO
    HEAR words WITH "Between what do they choose? Write it with commas, like: tea, coffee, nothing"
    choices = []
    FOR EACH word IN SPLIT(words, ",")
      IF TRIM(word) <> "" THEN PUSH choices, TRIM(word)
    NEXT
    choices = UNIQUE(choices)
  LOOP UNTIL LEN(choices) >= 2 AND LEN(choices) <= 10

  ' Somebody else may have been faster while we talked.
  poll = FIND ONE "polls" WHERE open = TRUE
  IF NOT poll IS NULL THEN
    TALK "Meanwhile another poll was opened: **${poll.question}** Yours can come after it."
    EXIT SUB
  END IF
  code = UCASE(LEFT(REPLACE(GUID(), "-", ""), 6))
  SAVE "polls", code, question, choices, owner = handle, open = TRUE
  TALK "Open: **${question}** ${JOIN(choices, ", ")}. Everybody who writes to me can vote, once. Write to me again to see the votes or to close it."
END SUB

SUB show_poll()
  DIM choices
  choices = poll.choices
  IF poll.owner = handle THEN
    HEAR wish AS "Vote", "Results", "Close it" WITH "Your poll is open: **${poll.question}**"
  ELSE
    wish = "Vote"
  END IF

  IF wish = "Vote" THEN
    HEAR choice AS choices WITH poll.question
    still_open = FIND ONE "polls" WHERE code = poll.code AND open = TRUE
    IF still_open IS NULL THEN
      TALK "This poll was closed meanwhile, so it no longer counts."
      EXIT SUB
    END IF
    row = {ballot: poll.code + "/" + handle, code: poll.code, choice: choice}
    counts = MERGE "votes" WITH row BY "ballot"
    TALK IIF(counts.added = 1, "Thank you, your vote counts.", "Changed: now it is ${choice}.")
    EXIT SUB
  END IF

  IF wish = "Close it" THEN
    UPDATE "polls" SET open = FALSE WHERE code = poll.code
    TALK "Closed."
  END IF
  results(choices)
END SUB

SUB results(choices)
  DIM rows, n, one
  rows = []
  FOR EACH one IN choices
    n = COUNT(FIND "votes" WHERE code = poll.code AND choice = one)
    PUSH rows, {choice: one, votes: n}
  NEXT
  TALK "**${poll.question}**"
  FOR EACH one IN SORT BY(rows, "votes", "desc")
    TALK "${one.choice}: ${one.votes}"
  NEXT
  IF SUM(PLUCK(rows, "votes")) = 0 THEN
    TALK "Nobody voted yet."
    EXIT SUB
  END IF
  picture = CHART "bar", rows
  TALK picture
END SUB
