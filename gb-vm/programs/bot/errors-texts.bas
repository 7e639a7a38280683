' Quotes that are missing, and words that stand without them.
TALK "no end
x = 1
TALK Good morning
TALK "fine"
y = "a ${x"
TALK "one" "two"
z = 'open
TALK "last"
