' FILTER, SORT BY, GROUP BY, AGGREGATE, MAP, JOIN, PIVOT, FIRST and LAST over rows.
orders = [{"item": "tea", "city": "Recife", "total": 10}, {"item": "cake", "city": "Olinda", "total": 25}, {"item": "tea", "city": "Olinda", "total": 5}]
big = FILTER orders, "total > 8"
TALK LEN(big)
tea = FILTER orders, "item = tea"
TALK LEN(tea)
olinda = FILTER orders WHERE city = "Olinda" AND total < 20
TALK olinda[0].item
limit = 8
some = FILTER orders WHERE total > limit
TALK LEN(some)
TALK AGGREGATE("SUM", orders, "total")
sum = AGGREGATE "SUM", orders, "total"
TALK sum
TALK AGGREGATE("AVG", big, "total")
TALK AGGREGATE("COUNT", orders, "item")
TALK AGGREGATE("MAX", orders, "total")
sorted = SORT orders BY "total"
TALK sorted[0].total
sorted = SORT orders BY "total" DESC
TALK sorted[0].total
TALK SORT([3, 1, 2])
groups = GROUP BY orders, "city"
TALK LEN(groups.Olinda)
names = PLUCK orders, "item"
TALK names
renamed = MAP orders, "item->product, total"
TALK renamed[0].product
prices = [{"item": "tea", "price": 2}, {"item": "cake", "price": 9}]
joined = JOIN orders, prices, "item"
TALK joined[0].price + joined[1].price
p = PIVOT orders, "item", "city", "total"
TALK p[0].Recife + p[1].Olinda
first = FIRST orders
TALK first.item
last = LAST(orders)
TALK last.total
filled = FILL "Hello {{name}}", {"name": "Ana"}
TALK filled
both = APPEND orders, {"item": "jar"}
TALK LEN(both) + LEN(orders)
top = FIRST sorted, 2
TALK LEN(top)
