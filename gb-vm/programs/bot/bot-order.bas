' A shop: a cart in a loop of questions, a total, and the order saved.
PARAM coupon AS STRING LIKE "TEA10" DESCRIPTION "A coupon" OPTIONAL
DESCRIPTION "Takes an order for tea."
prices = {"green": 10, "black": 8, "mint": 6.5}
cart = NEW ARRAY
BEGIN TALK
Welcome! We have:
- green ${FORMAT(prices.green, "0.00")}
- black ${FORMAT(prices.black, "0.00")}
- mint ${FORMAT(prices.mint, "0.00")}
END TALK
HEAR who AS NAME WITH "Your name?"
DO
  HEAR kind AS "green", "black", "mint", "done" WITH "Which tea?"
  IF kind = "done" THEN EXIT DO
  HEAR count AS INTEGER WITH "How many?"
  IF count < 1 THEN
    TALK "None, then."
    CONTINUE DO
  END IF
  WITH line
    kind = kind
    count = count
    price = prices[kind]
  END WITH
  cart = APPEND(cart, line)
  line = NEW OBJECT
LOOP
total = 0
FOR EACH item IN cart
  total = total + item.count * item.price
  TALK item.count + " x " + item.kind + " = " + FORMAT(item.count * item.price, "0.00")
NEXT
IF UBOUND(cart) = 0 THEN
  TALK "Nothing ordered."
  RETURN
END IF
HEAR sure AS BOOLEAN WITH "Total ${FORMAT(total, "0.00")}. Right?"
IF sure THEN
  when = TODAY
  SAVE "orders.csv", who, total, when
  SAVE "lines", cart
  saved = FIND "orders.csv", "who=${who}"
  TALK "Thank you, ${saved.who}! ${saved.total} on ${saved.when}, " + UBOUND(FIND "lines") + " lines."
ELSE
  TALK "Another time."
END IF
