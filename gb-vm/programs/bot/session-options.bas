' What a script says about its session, in every form; a console keeps it and says nothing.
SET HEADER "Authorization" AS "Bearer x"
SET HEADER "X-Key", "5"
SET HEADER "Accept" = "text/plain"
CLEAR HEADERS
SET LANGUAGE "pt"
SET LANGUAGE en
SET TRANSLATOR ON
SET TRANSLATOR OFF
SET THEME "dark"
SET MAX LINES 1000
SET MAX COLUMNS 5
SET OUTPUT "image"
SET WHOLE WORD ON
SET PAGE MODE "auto"
SET PARAM limit AS 10
TALK GET CONFIG "none"
ALLOW ROLE "admin"
USE MODEL "fast"
USE WEBSITE "https://example.com"
ADD SWITCHER "tables" AS "As a table"
CLEAR SWITCHERS
RESET REPORT
REFRESH "products"
ADD KB "contracts"
USE_KB "prices"
ADD_TOOL "pay"
CLEAR CONTEXT
TALK "done"
