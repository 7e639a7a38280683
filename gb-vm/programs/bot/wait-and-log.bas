' WAIT takes fractions; LOG and DEBUG say nothing to the person.
WAIT 1.5
WAIT 0.2
wait 1
LOG "order saved", 5
DEBUG "here"
DEBUG {"a": 1}
TALK "end"
