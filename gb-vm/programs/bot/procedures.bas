' SUB and FUNCTION, with and without brackets; CALL; RETURN; what a procedure sees.
SUB greet(name)
  TALK "Hello " + name
END SUB
CALL greet("Ana")
greet("Bia")
greet "Caio"
CALL greet "Dora"
SUB plain
  TALK "plain"
END SUB
CALL plain
plain
plain()
FUNCTION double(n)
  RETURN n * 2
END FUNCTION
TALK double(4)
TALK double(double(1)) + 1
FUNCTION area(w, h)
  area = w * h
END FUNCTION
TALK area(2, 3)
FUNCTION first_big(list)
  FOR EACH n IN list
    IF n > 10 THEN RETURN n
  NEXT
  RETURN NULL
END FUNCTION
TALK first_big([1, 20, 30])
IF first_big([1]) IS NULL THEN TALK "none"
FUNCTION factorial(n)
  IF n <= 1 THEN RETURN 1
  RETURN n * factorial(n - 1)
END FUNCTION
TALK factorial(10)
SUB early(n)
  IF n = 0 THEN EXIT SUB
  TALK "n is " + n
END SUB
early(0)
early(1)
SUB fill(o)
  o.done = TRUE
END SUB
task = {"done": FALSE}
fill(task)
TALK task.done
DEF FNhalf(x) = x / 2
TALK FNhalf(9)
SUB two(a, b)
  TALK a + "," + b
END SUB
two "x", 3
CALL two("y", 4)
