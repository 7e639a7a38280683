-- Runs come and go by the thousand: how many are open is asked whenever one begins, and those that ended leave after a while.
create index conversations_open_runs on gb.conversations (customer_id, bot_id, status)
  where kind = 'run' and status not in ('finished', 'failed');
create index conversations_ended_runs on gb.conversations (customer_id, bot_id, updated_at)
  where kind = 'run' and status in ('finished', 'failed');
