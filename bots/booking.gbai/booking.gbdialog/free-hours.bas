' For other bots, for language models, and for whoever calls this bot as a tool.

DESCRIPTION "The free hours of a day."
PARAM on_day AS DATE LIKE "2026-12-01" DESCRIPTION "The day"
INCLUDE "visits.bas"

RETURN free_hours(on_day)
