' After a word that needs a value an apostrophe begins a text too.
TALK 'hello'
word = "ell"
IF word IN 'hello' THEN TALK "in"
IF word = "x" OR 'hello' CONTAINS word THEN TALK "or"
SAVE 'greetings', word
found = FIND 'greetings'
TALK found.word
SELECT CASE word
CASE 'ell'
  TALK "case"
END SELECT
talk 'small'
