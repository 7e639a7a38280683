' The shop calls this when a parcel leaves: {"number": "A-1001", "tracking": "https://..."}

WEBHOOK "order-shipped"

told = 0
FOR EACH one IN FIND "watchers" WHERE number = body.number
  TALK TO "@" + one.person, "Your order ${body.number} is on its way: ${body.tracking}"
  told = told + 1
NEXT
DELETE FROM "watchers" WHERE number = body.number
RETURN {told: told}
