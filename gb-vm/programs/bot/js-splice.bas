' list.splice(i, n) takes n items away from place i; without n all that follow.
list = ["a", "b", "c", "d", "e"]
list.splice(1, 2)
TALK list
taken = list.splice(2)
TALK taken
TALK list
rows = [{"n": 1}, {"n": 2}]
k = 0
DO WHILE k < rows.length
  IF rows[k].n = 1 THEN
    rows.splice(k, 1)
  ELSE
    k = k + 1
  END IF
LOOP
TALK rows
