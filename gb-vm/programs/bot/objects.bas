' Objects keep their order; properties are read in any case and made by writing.
o = {"name": "Ana", "age": 30}
TALK o.name
TALK o["age"]
key = "name"
TALK o[key]
o.city = "Recife"
o.tags = ["a"]
o.address.street = "Rua Um"
TALK o.address.street
TALK o.city
p = NEW OBJECT
p.total = 5
p.total = p.total + 1
TALK p.total
q = CREATE OBJECT
q.x = 1
TALK q.x
r = #{ kind: "map", nested: #{ deep: 1 }, list: [#{ a: 1 }, #{ a: 2 }] }
TALK r.kind + r.nested.deep + r.list[1].a
LET s = {}
s.one = 1
TALK s
never.declared = 7
TALK never.declared
TALK {"b": 1, "a": [1, "x", NULL, TRUE]}
FOR EACH name IN KEYS(o)
  TALK name
NEXT
rows = [{"n": 1}, {"n": 2}]
rows[1].n = 5
TALK rows[0].n + rows[1].n
IF HAS(o, "city") THEN TALK "has city"
t = {
  "key with blanks": 1,
  plain: 2,
  "quoted": {"in": 3}
}
TALK t["key with blanks"] + t.plain + t.quoted.in
