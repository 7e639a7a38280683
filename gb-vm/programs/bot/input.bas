INPUT "Name and age"; name$, age
PRINT name$; " will be "; age + 1
LINE INPUT "Say: "; all$
PRINT all$
