' UBOUND is how many items a list has, because its items are counted from 0.
SAVE "visits", {"who": "Ana"}
one = FIND "visits"
IF UBOUND(one) > 0 THEN TALK "somebody came"
SAVE "visits", {"who": "Bia"}
all = FIND "visits"
TALK UBOUND(all) + " visits"
i = 0
DO WHILE i < UBOUND(all)
  TALK all[i].who
  i = i + 1
LOOP
none = FIND "visits", "who=Zoe"
IF UBOUND(none) = 0 THEN TALK "no Zoe"
names = NEW ARRAY
names[UBOUND(names)] = "first"
names[UBOUND(names)] = "second"
TALK names[UBOUND(names) - 1]
