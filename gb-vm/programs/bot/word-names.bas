' Words that begin statements only in their place are names everywhere else.
case = {"priority": "high"}
IF case.priority = "high" THEN TALK "high"
FOR EACH case IN [{"n": 1}, {"n": 2}] DO
  case.n = case.n * 10
  TALK case.n
END FOR
from = "ana@example.com"
to = "bia@example.com"
subject = "Hello"
description = "text"
name = "Ana"
name = name
status = "open"
when = 5
list = [1]
order = "A-1"
data = {"x": 1}
text = "t"
query = "q"
filter = "f"
email = "e"
date = "2026-01-01"
message = "m"
format = "pdf"
find = 1
save = 2
get = 3
post = 4
set = 5
delete = 6
image = "i"
table = "orders"
number = 7
count = 8
index = 9
value = 10
key = "k"
type = "y"
user = "u"
result = 11
param = 12
action = "go"
title = "T"
note = "N"
schedule = "daily"
priority = 1
label = "L"
TALK from + to + subject + description + name + status + when + order
TALK list[0] + data.x + find + save + get + post + set + delete + number + count + index + value + result + param + priority
TALK text + query + filter + email + date + message + format + image + table + key + type + user + action + title + note + schedule + label
list[1] = 5
data.y = 2
TALK list[1] + data.y
IF status = "open" AND email = "e" THEN TALK "works"
