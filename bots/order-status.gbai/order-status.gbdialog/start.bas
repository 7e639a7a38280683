' Where is my order? Asks the shop's own system, and can tell people when the parcel leaves.

TABLE watchers
  watch string(140) key
  number string(40)*
  person string(80)*
END TABLE

shop = GET CONFIG "shop-url"
SET HEADER "Authorization" AS "Bearer " + GET CONFIG "shop-key"

DO
  HEAR number WITH "Which order is it? You find the number in the mail from the shop."
  look_up(UCASE(TRIM(number)))
  HEAR more AS BOOLEAN WITH "Another order?"
LOOP WHILE more
TALK "Thank you, and enjoy!"

SUB look_up(number)
  DIM order
  TRY
    order = GET shop + "/orders/" + URLENCODE(number)
  CATCH problem
    IF problem.message CONTAINS "404" THEN
      TALK "There is no order **${number}**. It looks like A-1001."
    ELSE
      LOG "shop: " + problem.message
      TALK "The shop does not answer just now. Please try again in a few minutes."
    END IF
    EXIT SUB
  END TRY

  TALK {card: {title: "Order ${number}", subtitle: order.state, facts: [
    {name: "Ordered", value: FORMAT(order.ordered, "dd/MM/yyyy")},
    {name: "Total", value: FORMAT(order.total, "$ #,##0.00")},
    {name: "Items", value: JOIN(PLUCK(order.items, "name"), ", ")}
  ]}}
  SELECT CASE order.state
  CASE "shipped"
    TALK "It is on its way: ${order.tracking}"
  CASE "delivered"
    HEAR fine AS BOOLEAN WITH "It was delivered. Is everything as it should be?"
    IF NOT fine THEN complain(number)
  CASE ELSE
    HEAR tells AS BOOLEAN WITH "It is being packed. Shall I tell you when it leaves?"
    IF tells THEN
      row = {watch: number + "/" + handle, number: number, person: handle}
      MERGE "watchers" WITH row BY "watch"
      TALK "I will."
    END IF
  END SELECT
END SUB

SUB complain(number)
  HEAR words WITH "I am sorry. What is wrong?"
  case_made = POST shop + "/orders/" + URLENCODE(number) + "/complaints", {text: words, by: username}
  TALK "Your complaint has the number ${case_made.number}. The shop answers within a day."
END SUB
