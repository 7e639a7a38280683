' RETURN WITH names the parts of what a tool gives back.
FUNCTION lookup(id)
  IF id > 5 THEN RETURN WITH error AS "not found", id AS id
  RETURN {"id": id}
END FUNCTION
TALK lookup(9)
TALK lookup(2)
