' On Monday morning, one line and one chart in the channels the bot was added to.

SET SCHEDULE "every monday at 8am"
INCLUDE "figures.bas"

TALK in_short()
picture = CHART "line", by("month")
TALK picture
