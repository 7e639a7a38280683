' Lists are counted from 0 and grow where they are written.
a = [10, 20, 30]
TALK a[0] + a[2]
a[1] = 25
TALK a[1]
TALK LEN(a)
a[3] = 40
TALK LEN(a)
b = NEW ARRAY
b[0] = "x"
b[1] = "y"
TALK b[0] + b[1]
PUSH b, "z"
TALK LEN(b)
c = APPEND b, "w"
TALK c[3]
d = []
d = APPEND(d, 5)
d = APPEND(d, 6)
TALK SUM(d)
matrix = [[1, 2], [3, 4]]
TALK matrix[1][0]
matrix[1][0] = 9
TALK matrix[1][0] + matrix[0][1]
TALK a.length
TALK [7, 8, 9][1]
TALK FIRST(a) + LAST(a)
TALK FIRST "one two three"
TALK a
e = a
e[0] = 99
TALK a[0]
DIM grid(2, 2)
grid(1, 2) = 5
TALK grid(1, 2)
TALK grid(0, 0)
DIM words$(3)
words$(0) = "w"
TALK words$(0) + "[" + words$(1) + "]"
