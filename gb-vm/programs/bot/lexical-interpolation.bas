' ${} holds any expression, in any text with double quotes.
name = "Ana"
order = {"total": 30, "items": ["tea", "cup"]}
TALK "Hello ${name}!"
TALK "${name}"
TALK "Total: ${order.total * 2}, first ${order.items[0]}, ${UCASE(name)}"
TALK "${name + "-" + order.total}"
url = "https://example.com/orders?name=${name}&max=${order.total}"
TALK url
TALK "nothing: ${missing}."
TALK "nested ${"inner ${name}"}"
TALK "braces ${ {"a": 1}.a } done"
TALK "when ${order.total > 10 ? "much" : "little"}"
TALK "keyword ${FIRST order.items} and ${LEN(name)}"
x = 'single ${name}'
TALK x
