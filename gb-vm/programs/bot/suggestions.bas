' What ADD SUGGESTION collects is shown with the next question, once.
CLEAR SUGGESTIONS
ADD SUGGESTION "hours" AS "When are you open?"
ADD SUGGESTION "Prices"
ADD_SUGGESTION_TOOL "book-visit" AS "Book a visit"
ADD SUGGESTION TOOL "pay" WITH 12 AS "Pay"
ADD_SUGGESTION_TEXT "I want tea" AS "Tea"
HEAR what
TALK what
HEAR more
TALK more
ADD SUGGESTION "x" AS "Gone"
CLEAR SUGGESTIONS
HEAR last
TALK last
