' Words of the language are names of properties too, also at the end of a line and as keys.
o = {like: 1, in: 2, mod: 3, contains: 4, and: 5, or: 6, set: 7, where: 8, end: 9, if: 10, next: 11}
TALK o.like + o.in + o.mod + o.contains
TALK o.and
a = o.set
b = o.or
c = o.where
d = o.end
e = o.if
f = o.next
TALK a + b + c + d + e + f
o.type = "mail"
o.from = "Ana"
o.to = "Bia"
o.case = "x"
TALK o.from + o.to + o.type + o.case
