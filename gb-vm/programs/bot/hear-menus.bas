' Choices are taken in any case, without accents, or by number; * takes anything else.
HEAR size AS "Small", "Large"
TALK size
HEAR city AS "São Paulo", "Recife"
TALK city
HEAR kind AS "one", "two", "three"
TALK kind
HEAR other AS "done", *
TALK other
list = ["tea", "coffee"]
HEAR drink AS list
TALK drink
HEAR again AS "yes", "no"
TALK again
