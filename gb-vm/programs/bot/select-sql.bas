' SELECT over lists of the program, in capitals and small letters and over several lines.
sales = [{"city": "Recife", "day": "2026-01-05", "price": 10, "count": 2}, {"city": "Olinda", "day": "2026-01-20", "price": 5, "count": 1}, {"city": "Recife", "day": "2026-02-01", "price": 3, "count": 4}]
a = SELECT city, SUM(price * count) AS total FROM sales GROUP BY city
FOR EACH row IN a
  TALK row.city + " " + row.total
NEXT
b = select city, count from sales where price > 4 order by price desc
TALK LEN(b)
TALK b[0].city + b[0].count
c = SELECT SUM(price) AS total, MONTH(day)+'/'+YEAR(day) AS month FROM sales GROUP BY MONTH(day), YEAR(day)
TALK c[0].month + ": " + c[0].total
TALK c[1].month + ": " + c[1].total
places = [{"name": "Recife", "state": "PE"}, {"name": "Olinda", "state": "PE"}]
d = SELECT s.city, p.state FROM sales AS s JOIN places AS p ON s.city = p.name
  WHERE s.price > 4
TALK LEN(d) + d[0].state
e = SELECT COUNT(*) AS n, AVG(price) AS mean, MIN(price) AS low, MAX(price) AS high FROM sales
TALK e[0].n + " " + e[0].mean + " " + e[0].low + " " + e[0].high
f = SELECT * FROM sales LIMIT 1
TALK f[0].city
g = SELECT DISTINCT city FROM sales
TALK LEN(g)
