' What is kept for the bot, the person and the session, in every spelling.
SET BOT MEMORY "hours", "9 to 5"
TALK GET BOT MEMORY "hours"
TALK GET BOT MEMORY("hours")
SET_BOT_MEMORY("count", 3)
TALK GET_BOT_MEMORY("count") + 1
SET BOT MEMORY "a" + "b", [1, 2]
list = GET BOT MEMORY "ab"
TALK list[1]
x = GET BOT MEMORY "none"
IF x IS NULL THEN TALK "nothing kept"
IF GET BOT MEMORY("none") = NULL THEN TALK "nothing"
SET USER MEMORY "size", "M"
TALK GET USER MEMORY("size")
REMEMBER "coupon", "TEA10"
TALK RECALL "coupon"
REMEMBER "short", 5, 60
TALK RECALL("short")
lead = {"id": 7}
REMEMBER "lead_" + lead.id = "hot"
TALK RECALL "lead_7"
SET SESSION "step", 2
TALK GET SESSION "step"
step = GET SESSION("step")
TALK step
TALK "in text " + GET SESSION "step"
SET SESSION "other", "step", 9
TALK GET SESSION "other", "step"
SET "session.color", "red"
TALK GET "session.color"
SET "user.name", "Ana"
TALK GET "user.name"
SET PARAM limit AS 10
SET USER "ana@example.com"
TALK "Basic " + GET BOT MEMORY("hours")
user_data = {"theme": GET SESSION "step", "hours": GET BOT MEMORY("hours")}
TALK user_data.theme
CACHE SET "rate", 5.2, 600
