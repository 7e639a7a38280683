' An expense with its receipt. The manager approves it; above the limit finance does, too.

TABLE expenses
  number string(8) key
  person string(80)*
  what string(200)*
  amount decimal(12,2)*
  spent_on date
  receipt json
  state string(20)*
  decided datetime
END TABLE

TALK "Hi ${username}! What did you pay for?"
HEAR what AS "My expenses", *
IF what = "My expenses" THEN
  show_mine()
  END
END IF

HEAR amount AS MONEY WITH "How much was it?"
DO WHILE amount <= 0
  HEAR amount AS MONEY WITH "It has to be more than nothing. How much was it?"
LOOP
HEAR spent_on AS DATE WITH "On which day?"
HEAR receipt AS FILE WITH "Send me a picture or a PDF of the receipt."

number = UCASE(LEFT(REPLACE(GUID(), "-", ""), 6))
SAVE "expenses", number, person = handle, what, amount, spent_on, receipt, state = "asked"
shown = FORMAT(amount, "$ #,##0.00")
TALK "Noted as **${number}**. I ask now and tell you what came of it; this may take a day or two."

agreed = approved(GET CONFIG "manager")
IF agreed AND amount > VAL(GET CONFIG "limit") THEN
  TALK "Approved once. ${shown} is above the limit, so finance has a look, too."
  agreed = approved(GET CONFIG "finance")
END IF

UPDATE "expenses" SET state = IIF(agreed, "approved", "refused"), decided = NOW WHERE number = number
IF agreed THEN
  TALK "**${number}** is approved: ${shown} for ${what} will be in your next payment."
ELSE
  TALK "**${number}** was not approved. Talk to ${GET CONFIG "manager"} about it."
END IF

' Waits for up to two days; no answer is no.
FUNCTION approved(who)
  DIM answer
  answer = HUMAN APPROVAL FROM who, "${what}: ${shown}, on ${FORMAT(spent_on, "dd/MM/yyyy")}" TIMEOUT 172800
  IF answer IS NULL THEN TALK "${who} did not answer in two days."
  RETURN answer = TRUE
END FUNCTION

SUB show_mine()
  DIM mine, one
  mine = FIND "expenses" WHERE person = handle ORDER BY spent_on DESC LIMIT 10
  IF mine IS NULL THEN
    TALK "There are none yet."
    EXIT SUB
  END IF
  FOR EACH one IN mine
    TALK "**${one.number}** ${one.what}: ${FORMAT(one.amount, "$ #,##0.00")} (${one.state})"
  NEXT
END SUB
