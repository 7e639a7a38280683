' A line goes on after a comma, a plus, an ampersand, an open bracket and an underscore.
a = "one" +
  " two" +
  " three"
TALK a
list = [
  1,
  2,

  ' a remark between
  3
]
TALK list[2]
TALK SUM(
  list
)
person = {
  "name": "Ana",
  "address": {
    "city": "Recife",
    "tags": ["home", "work"],
  },
}
TALK person.address.city + " " + person.address.tags[1]
TALK REPLACE("a-b",
  "-",
  "+")
b = "x" &
  "y"
TALK b
c = 1 + _
  2
TALK c
IF a = "one two three" AND
   c = 3 THEN
  TALK "both"
END IF
SAVE "things", a,
  b,
  c
t = FIND "things"
TALK t.c
