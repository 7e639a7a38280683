' FIND WHERE compares columns with values of the program; ORDER BY and LIMIT.
SAVE "orders", [{"id": 1, "who": "Ana", "total": 30, "status": "open"}, {"id": 2, "who": "Bia", "total": 5, "status": "paid"}, {"id": 3, "who": "Ana", "total": 12.5, "status": "open"}]
limit = 10
big = FIND "orders" WHERE total > limit
TALK LEN(big)
who = "Ana"
status = "open"
mine = FIND "orders" WHERE who = who AND status = status ORDER BY total
TALK mine[0].id + "," + mine[1].id
back = FIND "orders" WHERE total >= 5 ORDER BY total DESC LIMIT 2
FOR EACH o IN back
  TALK o.id + ": " + o.total
NEXT
one = FIND "orders" WHERE id = 2
TALK one.who
s = "n"
similar = FIND "orders" WHERE who LIKE "%" + s + "%" OR
  status = "paid"
TALK LEN(similar)
has = FIND "orders" WHERE who CONTAINS "Bi" AND status != "open"
TALK has.id
inside = FIND "orders" WHERE id IN (1, 3)
TALK LEN(inside)
list = [2, 3]
inside = FIND "orders" WHERE id IN list
TALK LEN(inside)
between = FIND "orders" WHERE total BETWEEN 5 AND 20 ORDER BY id
TALK between[0].id + "," + between[1].id
empty = FIND "orders" WHERE note IS NULL
TALK LEN(empty)
neither = FIND "orders" WHERE NOT (status = "open")
TALK neither.id
last = FIND "orders" ORDER BY id DESC LIMIT 1
TALK last.id
first = FIND "orders" WHERE status = "open" FIRST
TALK first.id
TALK FIRST(FIND "orders" WHERE total > 10).who
