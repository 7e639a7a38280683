' APPEND as a statement changes the list, and makes it when there is none; as a value it gives a new one.
list = [1]
APPEND list, 2
TALK list
list.append(3)
list.push(4)
TALK list
APPEND tips, "first"
APPEND tips, {
  "text": "second",
  "level": 2
}
TALK tips
o = {"items": []}
APPEND o.items, "a"
o.items.append("b")
TALK o.items
report = {}
APPEND report.lines, "new"
TALK report.lines
copy = APPEND list, 9
TALK LEN(list) + "," + LEN(copy)
more = APPEND list WITH 5
TALK LEN(more)
PUSH list, 5
TALK LEN(list)
SUB add(what)
  APPEND what, "x"
END SUB
names = []
add(names)
TALK names
