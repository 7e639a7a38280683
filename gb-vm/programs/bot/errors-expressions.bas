' Values that are missing or do not belong; a forgotten bracket costs its own line only.
x = 
y = 1 +
z = (1 + 2
a = 3 ~ 4
b = [1, 2
g = 12abc
5 = e
f = 1 2
IF THEN
END IF
h = )
TALK x y
