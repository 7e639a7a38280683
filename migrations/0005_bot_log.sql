-- What happened to each bot, for whoever manages it: turns that failed, versions that were published. Places and codes
-- and short sentences; what people wrote is not in it. Each write takes away what is over the bounds.

create table gb.bot_log (
  customer_id uuid not null,
  bot_id uuid not null,
  -- 1, 2, 3, ... for each bot. The newest line always stays, so a number is never given out twice.
  line_number bigint not null,
  at timestamptz not null,
  level text not null check (level in ('error', 'info')),
  code text not null constraint bot_log_code_length check (char_length(code) between 1 and 80),
  message text not null constraint bot_log_message_length check (char_length(message) <= 400),
  -- Where in the scripts of that version; null for what happened to the bot as a whole.
  file text constraint bot_log_file_length check (char_length(file) <= 200),
  line int,
  file_column int,
  version int,
  -- Of a conversation that may since have given its row to the next one: no foreign key.
  conversation_id uuid,
  user_id uuid,
  primary key (customer_id, bot_id, line_number),
  foreign key (customer_id, bot_id) references gb.bots,
  foreign key (customer_id, user_id) references gb.users
);
select control.raise_wall('gb.bot_log');
grant select, insert, delete on gb.bot_log to gb_app;

-- The conversations of a bot, the last active ones first.
create index conversations_activity on gb.conversations (customer_id, bot_id, updated_at, conversation_id);
