' Keywords that go on in another way than they can; the message shows how.
MERGE "products" WITH items
SET SCHEDULE
SEND MAIL
CREATE TASK
TALK TO ana
SET BOT MEMORY "k"
UPDATE "t" SET 5
FIND
WEBHOOK
HEAR
FOR EACH x
NEXT
FOR i 1 TO 3
NEXT
PARAM
TALK "end"
