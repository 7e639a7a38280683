' UPDATE by an id, by columns, and WITH; SAVE with an id; FIND with a column and a value.
SAVE "cases", 7, {"title": "Late", "state": "open"}
UPDATE "cases", 7, {"state": "closed"}
c = FIND "cases", "id=7"
TALK c.title + " " + c.state
state = "again"
UPDATE "cases" WITH state AS state, note AS "x" WHERE id = 7
c = FIND "cases", "id=7"
TALK c.state + " " + c.note
id = 7
UPDATE "cases", "id=" + id, {"state": "done"}
c = FIND "cases" WHERE id = id
TALK c.state
changed = UPDATE "cases" SET state = "none" WHERE id = 99
TALK changed
deleted = DELETE FROM "cases" WHERE id = 7
TALK deleted
TALK UBOUND(FIND "cases")
