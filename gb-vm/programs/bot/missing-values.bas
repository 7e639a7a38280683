' Reading what is not there gives NULL, and NULL shows as nothing.
o = {"a": {"b": 1}}
TALK "[" + o.x + "]"
TALK "[" + o.x.y.z + "]"
TALK "[" + o.a.b + "]"
TALK "[" + nothing.at.all + "]"
TALK "[" + o?.a?.b + "]"
IF o.x = NULL THEN TALK "no x"
IF o.x.y IS NULL THEN TALK "no y"
row = FIND "no-such-table"
TALK "[" + row.name + "]"
TALK o.x ?? "default"
TALK LEN(nothing)
n = nothing + 1
TALK n
TALK nothing + "text"
FOR EACH item IN nothing
  TALK "never"
NEXT
TALK "end"
