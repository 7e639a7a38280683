' Misspelled keywords, types and functions.
TLAK "hello"
HEAR age AS INTEGR
x = LENGHT("abc")
FIDN "orders"
SEND MAL "a@example.com", "s", "b"
TALK "fine"
