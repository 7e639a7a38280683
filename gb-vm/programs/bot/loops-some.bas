' FOR EACH over the first or last items of a list.
history = ["a", "b", "c", "d"]
FOR EACH m IN history LAST 2
  TALK m
NEXT
FOR m IN history FIRST 1 DO
  TALK m
END FOR
n = 3
FOR EACH m IN FIRST(history, n)
  TALK m
NEXT
FOR EACH m IN nothing LAST 3
  TALK "never"
NEXT
