-- Bots, their programs, and where each of their conversations stands.

-- Compiled programs, once per content.
create table gb.programs (
  customer_id uuid not null references gb.customers,
  hash text not null,
  wasm bytea not null,
  debug_map text not null,
  primary key (customer_id, hash)
);

create table gb.bots (
  customer_id uuid not null,
  bot_id uuid not null,
  user_id uuid not null,
  description text not null constraint bots_description_length check (char_length(description) <= 4000),
  origin text not null check (origin in ('package', 'editor')),
  -- The draft in the editor.
  files jsonb not null,
  published_version int,
  updated_at timestamptz not null,
  primary key (customer_id, bot_id),
  foreign key (customer_id, user_id) references gb.users
);
create unique index bots_user on gb.bots (customer_id, user_id);

create table gb.bot_versions (
  customer_id uuid not null,
  bot_id uuid not null,
  version int not null,
  program_hash text not null,
  files jsonb not null,
  published_at timestamptz not null,
  published_by uuid,
  primary key (customer_id, bot_id, version),
  foreign key (customer_id, bot_id) references gb.bots,
  foreign key (customer_id, program_hash) references gb.programs,
  foreign key (customer_id, published_by) references gb.users
);
-- With no published version the key is not checked (match simple).
alter table gb.bots add constraint bots_published_version
  foreign key (customer_id, bot_id, published_version) references gb.bot_versions;

create table gb.conversations (
  customer_id uuid not null,
  bot_id uuid not null,
  channel_id uuid not null,
  user_id uuid not null,
  -- 0 outside threads.
  thread_seq bigint not null,
  conversation_id uuid not null,
  program_hash text not null,
  status text not null check (status in ('waiting', 'finished', 'failed')),
  snapshot bytea,
  turn int not null,
  last_event_seq bigint not null,
  updated_at timestamptz not null,
  primary key (customer_id, bot_id, channel_id, user_id, thread_seq),
  foreign key (customer_id, bot_id) references gb.bots,
  foreign key (customer_id, channel_id) references gb.channels,
  foreign key (customer_id, user_id) references gb.users,
  foreign key (customer_id, program_hash) references gb.programs
);

select control.raise_wall(t::regclass) from unnest(array['gb.programs', 'gb.bots', 'gb.bot_versions', 'gb.conversations']) t;

grant select, insert on gb.programs, gb.bot_versions to gb_app;
grant select, insert, update on gb.bots, gb.conversations to gb_app;
