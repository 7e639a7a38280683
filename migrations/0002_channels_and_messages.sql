-- Channels and their logs.
--
-- A channel's log is numbered without holes by its row in channel_heads: whoever appends locks that row until commit, so
-- numbers become visible in their order. A message is its own log entry and lives in messages; every other event lives
-- in log_entries. A number is in exactly one of the two.

create table gb.channels (
  customer_id uuid not null,
  channel_id uuid not null,
  instance_id uuid not null,
  kind text not null check (kind in ('public', 'private', 'direct', 'group', 'self', 'instance')),
  name text not null constraint channels_name_length check (char_length(name) <= 200),
  topic text not null constraint channels_topic_length check (char_length(topic) <= 2000),
  is_archived boolean not null default false,
  -- Direct and group channels: the sorted member ids.
  direct_key text,
  -- Self logs: whose.
  owner_id uuid,
  created_by uuid,
  created_at timestamptz not null,
  member_count int not null default 0 check (member_count >= 0),
  primary key (customer_id, channel_id),
  foreign key (customer_id, instance_id) references gb.instances,
  foreign key (customer_id, owner_id) references gb.users,
  foreign key (customer_id, created_by) references gb.users
);
create unique index channels_name on gb.channels (customer_id, instance_id, lower(name)) where kind in ('public', 'private');
create unique index channels_direct_key on gb.channels (customer_id, direct_key) where direct_key is not null;
create unique index channels_self on gb.channels (customer_id, owner_id) where kind = 'self';
create unique index channels_instance on gb.channels (customer_id, instance_id) where kind = 'instance';

-- The hottest rows there are: half-empty pages let each update stay on its page and out of the index.
create table gb.channel_heads (
  customer_id uuid not null,
  channel_id uuid not null,
  -- Changes when a log is rebuilt, so that clients start over.
  epoch int not null default 1,
  -- The last number given out.
  head bigint not null default 0,
  -- Messages outside threads so far, deleted ones included.
  count bigint not null default 0,
  last_message_at timestamptz,
  primary key (customer_id, channel_id),
  foreign key (customer_id, channel_id) references gb.channels
) with (fillfactor = 50);

create table gb.members (
  customer_id uuid not null,
  channel_id uuid not null,
  user_id uuid not null,
  read_seq bigint not null,
  -- The channel's count at read_seq: unread = count - read_count.
  read_count bigint not null,
  notifications text not null default 'mentions' check (notifications in ('all', 'mentions', 'none')),
  joined_at timestamptz not null,
  primary key (customer_id, channel_id, user_id),
  foreign key (customer_id, channel_id) references gb.channels,
  foreign key (customer_id, user_id) references gb.users
);
create index members_user on gb.members (customer_id, user_id);

-- No foreign keys: they would cost a look-up a row on the hot path. The channel is checked by its head row, which the
-- same statement updates and which has one; the author comes from the session.
create table gb.messages (
  customer_id uuid not null,
  channel_id uuid not null,
  seq bigint not null,
  -- The channel's count after this message.
  count bigint not null,
  author_id uuid not null,
  client_id uuid not null,
  text text not null constraint messages_text_length check (char_length(text) <= 16000),
  at timestamptz not null,
  edited_at timestamptz,
  deleted_at timestamptz,
  thread_seq bigint,
  -- Who is mentioned by name; null for nobody. The table mentions is the index the other way round.
  mentions uuid[],
  mentions_channel boolean not null default false,
  suggestions jsonb constraint messages_suggestions_length check (pg_column_size(suggestions) <= 65536),
  primary key (customer_id, channel_id, seq),
  -- Led by the client id, so that looking for a duplicate cannot be planned as a walk through a whole channel.
  constraint messages_client_id unique (client_id, author_id, channel_id, customer_id)
) partition by hash (customer_id, channel_id);

create table gb.log_entries (
  customer_id uuid not null,
  channel_id uuid not null,
  seq bigint not null,
  actor_id uuid not null,
  kind text not null check (kind <> 'message.posted'),
  body jsonb not null,
  at timestamptz not null,
  primary key (customer_id, channel_id, seq)
) partition by hash (customer_id, channel_id);

do $$
begin
  for i in 0..7 loop
    execute format('create table gb.messages_%s partition of gb.messages for values with (modulus 8, remainder %s)', i, i);
    execute format('create table gb.log_entries_%s partition of gb.log_entries for values with (modulus 8, remainder %s)', i, i);
  end loop;
end
$$;

create index messages_thread on gb.messages (customer_id, channel_id, thread_seq, seq) where thread_seq is not null;
create index messages_to_channel on gb.messages (customer_id, channel_id, seq) where mentions_channel;

-- Earlier texts. The present one is in messages.
create table gb.message_versions (
  customer_id uuid not null,
  channel_id uuid not null,
  seq bigint not null,
  version int not null,
  text text not null,
  at timestamptz not null,
  primary key (customer_id, channel_id, seq, version),
  foreign key (customer_id, channel_id, seq) references gb.messages
);

create table gb.reactions (
  customer_id uuid not null,
  channel_id uuid not null,
  seq bigint not null,
  emoji text not null constraint reactions_emoji_length check (char_length(emoji) between 1 and 64),
  user_id uuid not null,
  at timestamptz not null,
  primary key (customer_id, channel_id, seq, emoji, user_id),
  foreign key (customer_id, channel_id, seq) references gb.messages,
  foreign key (customer_id, user_id) references gb.users
);

-- Who was mentioned where, for counting: mentions of a person after their read mark. Nobody mentions themselves here.
create table gb.mentions (
  customer_id uuid not null,
  user_id uuid not null,
  channel_id uuid not null,
  seq bigint not null,
  primary key (customer_id, user_id, channel_id, seq),
  foreign key (customer_id, user_id) references gb.users
);

create table gb.drafts (
  customer_id uuid not null,
  user_id uuid not null,
  channel_id uuid not null,
  -- 0 outside threads.
  thread_seq bigint not null,
  text text not null constraint drafts_text_length check (char_length(text) <= 16000),
  saved_at timestamptz not null,
  primary key (customer_id, user_id, channel_id, thread_seq),
  foreign key (customer_id, user_id) references gb.users,
  foreign key (customer_id, channel_id) references gb.channels
);

-- References to committed entries that consumers have not been given yet; written in the commit of the entry itself.
-- Numbers of one channel grow with its seq, because both are taken under the lock of its head.
create table gb.outbox (
  customer_id uuid not null,
  outbox_id bigint generated always as identity,
  channel_id uuid not null,
  seq bigint not null,
  kind text not null,
  primary key (customer_id, outbox_id)
);
create index outbox_order on gb.outbox (outbox_id);

create table gb.dead_letters (
  customer_id uuid not null,
  outbox_id bigint not null,
  consumer text not null,
  channel_id uuid not null,
  seq bigint not null,
  kind text not null,
  reason text not null,
  parked_at timestamptz not null,
  primary key (customer_id, outbox_id, consumer)
);

select control.raise_wall(t::regclass) from unnest(array[
  'gb.channels', 'gb.channel_heads', 'gb.members', 'gb.messages', 'gb.log_entries', 'gb.message_versions',
  'gb.reactions', 'gb.mentions', 'gb.drafts', 'gb.outbox', 'gb.dead_letters'
]) t;

-- The relay hands out references of all customers: the one role that looks over the wall, at these two tables only.
create policy relay on gb.outbox to gb_relay using (true) with check (false);
create policy relay on gb.dead_letters to gb_relay using (true) with check (true);

grant select, insert, update on gb.channels, gb.channel_heads, gb.messages to gb_app;
grant select, insert, update, delete on gb.members, gb.drafts to gb_app;
grant select, insert, delete on gb.message_versions, gb.reactions, gb.mentions to gb_app;
grant select, insert on gb.log_entries to gb_app;
grant insert on gb.outbox to gb_app;
grant select, delete on gb.outbox to gb_relay;
grant select, insert on gb.dead_letters to gb_relay;
