' BEGIN SYSTEM PROMPT says nothing to the person, also with the letter that is often forgotten; what is in it is text.
BEGIN SYSTEM PROMPT
You sell tea. Never invent prices.
{"json": "stays"}
IF asked, CALL "nobody"
END SYSTEM PROMPT
BEGIN SYTEM PROMPT
Again
END SYSTEM PROMPT
begin system prompt
end system prompt
SET CONTEXT "prices" AS "Green tea costs 10."
SET CONTEXT "Only today"
SET_CONTEXT "shop", "closed"
SET ANSWER MODE "document"
USE KB "contracts"
ADD TOOL "book-visit"
USE TOOL "pay"
CLEAR TOOLS
CLEAR KB
TALK "ready"
