READ name$, age, city
TALK name$ + " " + (age + 1) + " " + city
READ word$
TALK word$
RESTORE more
READ x
TALK x * 2
RESTORE
READ first$
TALK first$
DATA Ana, 41, "São Paulo, SP"
more:
DATA 12, 13
TRY
  READ a, b
  FOR i = 1 TO 9
    READ rest
  NEXT
CATCH problem
  TALK problem.code
END TRY
