' Functions say how many values they take; what a SUB is not given is NULL.
c = LEFT("a")
d = LEFT("a", 1, 2)
SUB two(a, b)
END SUB
two "x"
two "x", 1, 2
CALL two("x", 1, 2)
TALK ROUND()
e = two(1, 2, 3)
