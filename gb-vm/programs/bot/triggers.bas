' What a trigger does runs when it happens, not now.
ON EVENT "paid" DO
  TALK "Thank you!"
END ON
ON INSERT OF "orders"
  TALK "A new order"
END ON
ON UPDATE OF "orders"
  IF 1 = 1 THEN
    TALK "changed"
  END IF
END ON
TALK "ready"
