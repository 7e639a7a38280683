' What people write who come from elsewhere.
price = 1,5
PARAM size AS STRNG
total = price * 2
TALK "Total: " + total;
UCASE total
list = [1, 2]
SORT list
order.send()
x = GET BOT MEMROY "k"
ADD SUGESTION "a" AS "b"
IF total => 3 AND total =< 9 THEN TALK "fine"
print total
