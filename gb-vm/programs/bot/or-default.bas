' OR gives the first value that counts as yes, so that it can stand for "or else".
name = never OR "guest"
TALK name
limit = 0 OR 10
TALK limit
saved = {"city": "Recife"}
city = saved.city OR "nowhere"
TALK city
cart = saved.cart OR []
cart[0] = "tea"
TALK cart[0]
known = saved.city AND saved.cart
IF known THEN TALK "both" ELSE TALK "not both"
done = 1 = 1 OR 2 = 3
TALK done
