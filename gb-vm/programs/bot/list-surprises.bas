' What FIND gives works as a row and as a list; index, length, FOR EACH, property, truth.
SAVE "p", {"id": 1, "price": 5, "length": 3}
row = FIND "p"
TALK row.price
TALK row[0].price
TALK UBOUND(row)
FOR EACH one IN row
  TALK one.id
NEXT
SAVE "p", {"id": 2, "price": 7}
rows = FIND "p"
TALK rows.price
TALK rows[1].price
TALK LEN(rows)
row.price = 9
TALK row.price
copy = FIND "p", "id=1"
TALK copy.price
price = rows[1].price
rows[1].price = 8
TALK price + rows[1].price
IF rows.length > 1 THEN TALK "several"
last = rows[UBOUND(rows) - 1]
TALK last.id
