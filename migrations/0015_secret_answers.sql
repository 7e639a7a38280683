-- Passwords that a program asked for, on their way from the message that brought them to the turn that hears them.
--
-- The message itself says "••••" and is stored in the same transaction; the turn that hears the answer takes this row away
-- in its own. What nobody heard - the conversation ended, a time limit came first - the upkeep takes away.

create table gb.secret_answers (
  customer_id uuid not null,
  channel_id uuid not null,
  seq bigint not null,
  text text not null,
  at timestamptz not null,
  primary key (customer_id, channel_id, seq),
  foreign key (customer_id, channel_id) references gb.channels
);

-- Who waits for one: looked at for every message to a bot, so it holds nobody else.
create index conversations_ask_secret on gb.conversations (customer_id, channel_id, user_id, thread_seq)
  where state #>> '{secret,asks}' = 'true';

select control.raise_wall('gb.secret_answers');
grant select, insert, delete on gb.secret_answers to gb_app;
