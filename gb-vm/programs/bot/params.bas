' PARAMs are variables; what runs the script fills them, and DEFAULT does when nobody did.
PARAM name AS STRING LIKE "Ana" DESCRIPTION "Who"
PARAM count AS INTEGER DEFAULT 3
DESCRIPTION "Greets."
IF name IS NULL THEN name = "guest"
TALK "Hello " + name
TALK count
RETURN "greeted " + count
TALK "never"
