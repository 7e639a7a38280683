' INSERT, UPDATE, DELETE and MERGE in every form.
INSERT "stock", #{ item: "tea", count: 5 }
INSERT INTO "stock" VALUES { "item": "cup", "count": 2 }
item = "pot"
count = 1
INSERT INTO "stock", item, count
UPDATE "stock", "item=tea", #{ count: 4 }
t = FIND "stock", "item=tea"
TALK t.count
n = 9
UPDATE "stock" SET count = n, place = "shelf" WHERE item = "cup"
t = FIND "stock", "item=cup"
TALK t.count + " " + t.place
UPDATE "stock" SET
  count = 7,
  place = "box"
WHERE item = "pot"
t = FIND "stock", "item=pot"
TALK t.count + " " + t.place
DELETE "stock", "item=pot"
TALK LEN(FIND "stock")
DELETE FROM "stock" WHERE item = "cup"
TALK LEN(FIND "stock")
rows = [{"item": "tea", "count": 1}, {"item": "jar", "count": 3}]
r = MERGE "stock" WITH rows BY "item"
TALK r.added + " added, " + r.updated + " updated"
MERGE "stock", [{"item": "jar", "count": 8}], "item"
t = FIND "stock", "item=jar"
TALK t.count
SAVE { "item": "lid", "count": 1 } TO stock
TALK LEN(FIND "stock")
SAVE "stock" WITH item AS "cap", count AS 2
t = FIND "stock", "item=cap"
TALK t.count
FOR EACH row IN FIND "stock"
  TALK row.item + "=" + row.count
NEXT
