' TALK says any value as one message; PRINT goes on the line.
TALK "text"
TALK 5
TALK TRUE
TALK NULL
TALK [1, "two"]
TALK {"a": 1}
TALK "a" + 1 + TRUE
TALK ("in brackets")
TALK("glued")
TALK UCASE("called") + "!"
TALK FORMAT(3.5, "0.00")
TALK "**bold** and\n- a list"
PRINT "plain"
PRINT 1, 2
