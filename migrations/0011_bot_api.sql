-- Bots for programs: keys that connectors and callers of tools hold, and the people who talk to a bot from elsewhere.

create table gb.bot_keys (
  customer_id uuid not null,
  key_id uuid not null,
  bot_id uuid not null,
  name text not null constraint bot_keys_name_length check (char_length(name) between 1 and 200),
  token_hash bytea not null,
  created_by uuid not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  primary key (customer_id, key_id),
  foreign key (customer_id, bot_id) references gb.bots,
  foreign key (customer_id, created_by) references gb.users
);
create unique index bot_keys_token on gb.bot_keys (customer_id, token_hash);
create index bot_keys_bot on gb.bot_keys (customer_id, bot_id);

select control.raise_wall('gb.bot_keys');
grant select, insert, update, delete on gb.bot_keys to gb_app;

-- A contact is a person of one bot, without an account: no e-mail, no password, in no list of people, with one direct
-- channel. `contact_key` is how the connector calls them.
alter table gb.users
  add column contact_bot_id uuid,
  add column contact_key text constraint users_contact_key_length check (char_length(contact_key) between 1 and 200),
  add constraint users_contact_bot foreign key (customer_id, contact_bot_id) references gb.bots,
  add constraint users_contact check (
    (contact_bot_id is null) = (contact_key is null)
    and (contact_bot_id is null or (kind = 'person' and role = 'guest' and email is null and password_hash is null))
  );
create unique index users_contact_key on gb.users (customer_id, contact_bot_id, contact_key) where contact_bot_id is not null;
-- The people and bots of the workspace, however many contacts there are.
create index users_directory on gb.users (customer_id, user_id) where contact_bot_id is null;

-- The conversations of a bot that wait in another program than the published one's.
create index conversations_program on gb.conversations (customer_id, bot_id, program_hash)
  where status in ('waiting', 'asking', 'handed');
