' WITH makes or fills an object, with or without points; names may be read on the right.
name = "Ana"
total = 10
WITH order
  name = name
  total = total * 2
  status = "open"
END WITH
TALK order
TALK name + total
WITH visit
  .who = "Bia"
  .when = "2026-12-01"
END WITH
TALK visit.who + " " + visit.when
WITH order
  status = "paid"
  .note = "thanks"
END WITH
TALK order.status + order.name + order.note
WITH deep.inner
  a = 1
END WITH
TALK deep.inner.a
WITH ticket
  title = "Late"
  tags = ["x", "y"]
  owner = {"name": name}
END WITH
SAVE "tickets", ticket
found = FIND "tickets", "title=Late"
TALK found.title + " " + found.owner.name
