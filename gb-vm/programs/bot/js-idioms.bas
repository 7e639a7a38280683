' What scripts of the JavaScript times say.
name = "  Ana Maria  "
TALK name.trim().length
TALK name.trim().toUpperCase()
TALK name.trim().toLowerCase().split(" ")[1]
list = [3, 1, 2]
list.push(5)
TALK list.length
TALK list.includes(5)
TALK "hello".includes("ell")
TALK list.indexOf(1)
TALK "hello".substring(1, 3)
TALK parseInt("42px") + 1
TALK parseFloat("2.5") * 2
TALK Math.round(2.6) + Math.max(1, 2)
TALK JSON.stringify({"a": 1})
TALK JSON.parse("{\"b\": 2}").b
o = {"a": {"b": [10]}}
TALK o?.a?.b[0]
TALK o?.x?.y ?? "nothing"
x = o.a ? "is" : "is not"
TALK x
y = 1 == 2 ? "a" : "b"
TALK y
let z = 1;
z += 1;
TALK z
if (z == 2 && x != "") then
  talk "both"
end if
IF o.a && o.a.b.length THEN TALK "chain"
TALK [1, 2, 3].join("-")
TALK "a-b".replace("-", "+")
TALK "abc".toUpperCase() + "x".repeat(3)
