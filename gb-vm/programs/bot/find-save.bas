' SAVE names columns after the variables; FIND gives rows that are read as one row and as a list.
name = "Ana"
city = "Recife"
SAVE "people.csv", name, city
name = "Bia"
city = "Olinda"
SAVE "people.csv", name, city
customer = {"name": "Caio", "address": {"city": "Natal"}}
SAVE "visits", customer.name, customer.address.city
visit = FIND "visits"
TALK visit.name + " " + visit.city
SAVE "people.csv", {"name": "Dora", "city": "Recife"}
SAVE "people.csv", [{"name": "Eva", "city": "Recife"}, {"name": "Fabio", "city": "Caruaru"}]
all = FIND "people.csv"
TALK LEN(all)
one = FIND "people.csv", "name=Ana"
TALK one.city
TALK one[0].city
IF one THEN TALK "found"
none = FIND "people.csv", "name=Zoe"
IF none THEN TALK "wrong" ELSE TALK "nobody"
IF none = NULL THEN TALK "null"
two = FIND "people.csv", "city=Recife", "name=Eva"
TALK two.name
wanted = "Olinda"
TALK (FIND "people.csv", "city=" + wanted).name
found = FIND "people.csv", "city=${wanted}"
TALK found.name
similar = FIND "people.csv", "name like %a%"
FOR EACH row IN similar
  TALK row.name
NEXT
x = FIND("people.csv", "name=Eva")
TALK x.city
TALK "CITY in any case: " + x.CITY
many = FIND "people.csv", "city in (Natal, Caruaru)"
TALK many.name
others = FIND "people.csv", "city not in (Recife, Olinda)"
TALK LEN(others)
