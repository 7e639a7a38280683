' Quotes, escapes, and what is not one.
TALK "a ""quoted"" word"
TALK "first\nsecond"
TALK "tab\tend"
TALK "back\\slash"
TALK "say \"hi\""
TALK `back ${1 + 1} tick`
TALK “curly ” + "and plain"
TALK “opened twice“
TALK ""
TALK "[" + "" + "]"
TALK "{name} stays, #{name} too, $ {x} too, and 100% & more"
TALK "https://example.com/a?b=c&d=%20#top"
TALK "C# and A' and B' // no remark"
TALK LEN("a\nb")
