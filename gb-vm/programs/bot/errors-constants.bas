' CONST keeps its value; DIM wants a type that there is; arguments have one name each.
CONST limit = 3
limit = 4
DIM x AS Custmer
SUB a(x, x)
END SUB
LEFT("a", 1) = 2
x = 1
x
TALK "end"
