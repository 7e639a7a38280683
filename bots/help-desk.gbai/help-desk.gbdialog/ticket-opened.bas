' Each new ticket is told in the channels the bot was added to, so that nobody has to look for it.

ON INSERT OF "tickets"

TALK "Ticket **${row.number}** of ${row.person}: ${row.question}"
