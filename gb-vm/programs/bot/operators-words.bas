' IN, NOT IN, CONTAINS, LIKE, IS NULL, STARTS WITH, ENDS WITH.
tags = ["red", "blue"]
IF "red" IN tags THEN TALK "in list"
IF "green" NOT IN tags THEN TALK "not in list"
IF NOT ("green" IN tags) THEN TALK "not (in)"
IF "ell" IN "hello" THEN TALK "in text"
IF "a" IN {"a": 1} THEN TALK "in object"
IF tags CONTAINS "blue" THEN TALK "contains"
IF "hello world" CONTAINS "wor" THEN TALK "text contains"
IF NOT ("hello" CONTAINS "z") THEN TALK "does not"
IF "Ana" LIKE "A%" THEN TALK "like"
IF "Ana" LIKE "_na" THEN TALK "underscore"
IF "Ana" NOT LIKE "B%" THEN TALK "not like"
IF nobody IS NULL THEN TALK "is null"
IF tags IS NOT NULL THEN TALK "is not null"
IF nobody = NULL THEN TALK "equals null"
IF nobody = null THEN TALK "small null"
IF "Oi, tudo bem" STARTS WITH "Oi" THEN TALK "starts"
IF "photo.jpg" ENDS WITH ".jpg" THEN TALK "ends"
kind = nobody IS NULL ? "new" : "known"
TALK kind
n = 7
TALK n IN [1, 7, 9]
