' A single text after AS leaves nothing to choose: it is the question. A list of one, or one and *, is a menu.
HEAR choice AS "What shall we do? (1 to 7)"
TALK choice
name = "Ana"
HEAR more AS "And then, ${name}?"
TALK more
list = ["only"]
HEAR one AS list
TALK one
HEAR other AS "done", *
TALK other
