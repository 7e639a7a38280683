-- Files, and what messages carry besides their text.
--
-- The bytes of a file are in the object store under its id, and never change: another content is another file. The row
-- says what it is, who brought it and how long it stays. `leaving_at` is null while something holds the file - a message,
-- a path in a bot's drive - and otherwise says when it may go; from then on nobody finds it, and the sweep takes first the
-- bytes and then the row. A file is born with such a time, so that an upload that was cut short goes the same way.

create table gb.files (
  customer_id uuid not null references gb.customers,
  file_id uuid not null,
  -- Who uploaded it; of a bot's file, the bot's account.
  owner_id uuid not null,
  bot_id uuid,
  name text not null constraint files_name_length check (char_length(name) between 1 and 400),
  -- Media type, as the bytes have it and not as somebody said.
  type text not null constraint files_type_length check (char_length(type) between 1 and 200),
  size bigint not null check (size >= 0),
  -- null until the bytes are there.
  sha256 bytea,
  -- Pixels of a picture.
  width int,
  height int,
  created_at timestamptz not null,
  -- In a bot's drive; both null for a file without a place.
  folder text check (folder in ('drive', 'kb', 'data', 'theme')),
  path text constraint files_path_length check (char_length(path) between 1 and 800),
  leaving_at timestamptz,
  primary key (customer_id, file_id),
  foreign key (customer_id, owner_id) references gb.users,
  foreign key (customer_id, bot_id) references gb.bots,
  constraint files_place check ((folder is null) = (path is null) and (folder is null or bot_id is not null))
);
create unique index files_path on gb.files (customer_id, bot_id, folder, lower(path)) where path is not null;
create index files_leaving on gb.files (customer_id, leaving_at) where leaving_at is not null;

-- Which messages show a file: who can see one of them can fetch it. No foreign keys, as in messages.
create table gb.file_uses (
  customer_id uuid not null,
  file_id uuid not null,
  channel_id uuid not null,
  seq bigint not null,
  primary key (customer_id, file_id, channel_id, seq)
);
create index file_uses_message on gb.file_uses (customer_id, channel_id, seq);

-- What all files of a customer take, reserved room included: kept by a trigger, so that it cannot drift from the rows.
create table gb.file_usage (
  customer_id uuid not null references gb.customers,
  bytes bigint not null check (bytes >= 0),
  primary key (customer_id)
);

create function gb.count_file_bytes() returns trigger language plpgsql as $$
declare
  difference bigint := case when tg_op = 'DELETE' then 0 else new.size end - case when tg_op = 'INSERT' then 0 else old.size end;
  customer uuid := case when tg_op = 'DELETE' then old.customer_id else new.customer_id end;
begin
  if difference <> 0 then
    -- Bytes are only ever taken away where they were counted before, so the row is there.
    insert into gb.file_usage as u (customer_id, bytes) values (customer, greatest(difference, 0))
    on conflict (customer_id) do update set bytes = u.bytes + difference;
  end if;
  return null;
end
$$;
create trigger count_file_bytes after insert or delete or update of size on gb.files
  for each row execute function gb.count_file_bytes();

-- Keys that only this server knows, one set a customer, made when first needed.
create table gb.customer_secrets (
  customer_id uuid not null references gb.customers,
  name text not null constraint customer_secrets_name_length check (char_length(name) between 1 and 80),
  value bytea not null,
  primary key (customer_id, name)
);

select control.raise_wall(t::regclass) from unnest(array['gb.files', 'gb.file_uses', 'gb.file_usage', 'gb.customer_secrets']) t;
grant select, insert, update, delete on gb.files to gb_app;
grant select, insert, delete on gb.file_uses to gb_app;
grant select, insert, update on gb.file_usage to gb_app;
grant select, insert on gb.customer_secrets to gb_app;

-- {attachments, card, form, formAnswer}, as in the protocol; null for the plain message nearly every one is.
alter table gb.messages add column parts jsonb constraint messages_parts_length check (pg_column_size(parts) <= 262144);

-- The two ways to store a batch, as in migration 0004, with one array more: m_parts, empty when no message of the batch
-- has any, as nearly always; then nothing below costs more than before.
drop function gb.append_messages(uuid[], int[], int[], uuid[], int[], int[], int[], int[], int[], uuid[], uuid[], text[],
  bigint[], text[], boolean[], text[], timestamptz);
drop function gb.append_messages_after_looking(uuid[], int[], int[], uuid[], int[], uuid[], uuid[], text[],
  bigint[], text[], boolean[], text[], timestamptz);

-- Files of messages that were just stored are held from now on. Reads the stored messages, so that of a repetition the
-- first content counts, and passes over what is no file of this customer.
create function gb.note_file_uses(
  customer uuid, channels uuid[], m_group int[], m_author uuid[], m_client uuid[], m_parts text[]
) returns void language sql as $$
  with used as materialized (
    select distinct (a ->> 'id')::uuid as file_id, x.channel_id, x.seq
    from unnest(m_group, m_author, m_client, m_parts) m (g, author_id, client_id, parts)
    cross join lateral (
      select y.channel_id, y.seq, y.parts from gb.messages y
      -- As text for the same reason as in append_messages_after_looking.
      where y.client_id = m.client_id and y.author_id = m.author_id
        and y.channel_id::text = channels[m.g]::text and y.customer_id::text = customer::text
      limit 1
    ) x
    cross join lateral jsonb_array_elements(x.parts -> 'attachments') a
    where m.parts is not null
  ), held as (
    update gb.files f set leaving_at = null from (select distinct file_id from used) u
    where f.customer_id = customer and f.file_id = u.file_id and f.leaving_at is not null
  )
  insert into gb.file_uses (customer_id, file_id, channel_id, seq)
  select customer, f.file_id, used.channel_id, used.seq
  from used join gb.files f on f.customer_id = customer and f.file_id = used.file_id
  on conflict do nothing
$$;

-- Without looking for duplicates. If one is there, the unique constraint refuses the whole batch (23505), and it goes
-- through append_messages_after_looking. m_place and m_count are the message's places within its channel's part.
create function gb.append_messages(
  customers uuid[], group_ends int[], message_ends int[],
  channels uuid[], sizes int[], counts int[],
  m_group int[], m_place int[], m_count int[], m_author uuid[], m_client uuid[], m_text text[],
  m_thread bigint[], m_mentions text[], m_to_channel boolean[], m_suggestions text[], m_parts text[],
  now timestamptz
) returns table (group_number int, epoch int, head bigint, count bigint) language plpgsql as $$
#variable_conflict use_column
declare
  customer uuid;
  g1 int := 1;
  g2 int;
  m1 int := 1;
  m2 int;
begin
  for nth in 1..cardinality(customers) loop
    customer := customers[nth];
    g2 := group_ends[nth];
    m2 := message_ends[nth];
    perform set_config('gb.customer', customer::text, true);
    return query
      with part as materialized (
        select g1 - 1 + u.ord::int as number, u.channel_id, u.size, u.counted
        from unnest(channels[g1:g2], sizes[g1:g2], counts[g1:g2]) with ordinality u (channel_id, size, counted, ord)
      ), heads as (
        -- Rows exist (a channel is made with its head): the insert is there because it takes locks in the order given.
        insert into gb.channel_heads as h (customer_id, channel_id, head, count, last_message_at)
        select customer, part.channel_id, part.size, part.counted, now from part order by part.channel_id
        on conflict (customer_id, channel_id) do update
          set head = h.head + excluded.head, count = h.count + excluded.count, last_message_at = excluded.last_message_at
        returning h.channel_id, h.epoch, h.head, h.count
      ), placed as materialized (
        select part.number, heads.channel_id, heads.epoch, heads.head, heads.count,
               heads.head - part.size as head_before, heads.count - part.counted as count_before
        from part join heads on heads.channel_id = part.channel_id
      ), stored as (
        insert into gb.messages (customer_id, channel_id, seq, count, author_id, client_id, text, at, thread_seq, mentions, mentions_channel, suggestions, parts)
        select customer, placed.channel_id, placed.head_before + m.place, placed.count_before + m.counted, m.author_id, m.client_id, m.text, now,
               m.thread_seq, m.mentions::uuid[], coalesce(m.to_channel, false), m.suggestions::jsonb, m.parts::jsonb
        from unnest(m_group[m1:m2], m_place[m1:m2], m_count[m1:m2], m_author[m1:m2], m_client[m1:m2], m_text[m1:m2],
                    m_thread[m1:m2], m_mentions[m1:m2], m_to_channel[m1:m2], m_suggestions[m1:m2], m_parts[m1:m2])
               m (number, place, counted, author_id, client_id, text, thread_seq, mentions, to_channel, suggestions, parts)
        join placed on placed.number = m.number
      ), mentioned as (
        insert into gb.mentions (customer_id, user_id, channel_id, seq)
        select customer, u.user_id, placed.channel_id, placed.head_before + m.place
        from unnest(m_group[m1:m2], m_place[m1:m2], m_author[m1:m2], m_mentions[m1:m2]) m (number, place, author_id, mentions)
        join placed on placed.number = m.number
        cross join lateral unnest(m.mentions::uuid[]) u (user_id)
        where m.mentions is not null and u.user_id <> m.author_id
        on conflict do nothing
      ), queued as (
        insert into gb.outbox (customer_id, channel_id, seq, kind)
        select customer, placed.channel_id, placed.head_before + m.place, 'message.posted'
        from unnest(m_group[m1:m2], m_place[m1:m2]) m (number, place)
        join placed on placed.number = m.number
        order by m.number, m.place
      )
      select placed.number, placed.epoch, placed.head, placed.count from placed;
    if cardinality(m_parts) > 0 then
      perform gb.note_file_uses(customer, channels, m_group[m1:m2], m_author[m1:m2], m_client[m1:m2], m_parts[m1:m2]);
    end if;
    g1 := g2 + 1;
    m1 := m2 + 1;
  end loop;
end
$$;

-- Looks first. The heads are locked in a statement of their own, so that the look-up after it sees what others committed
-- before the lock was granted. A message that is there comes back with its first number, and with whether it is the same
-- text and parts; one whose channel does not exist does not come back. No two messages of a batch may have the same client id.
create function gb.append_messages_after_looking(
  customers uuid[], group_ends int[], message_ends int[],
  channels uuid[],
  m_group int[], m_author uuid[], m_client uuid[], m_text text[],
  m_thread bigint[], m_mentions text[], m_to_channel boolean[], m_suggestions text[], m_parts text[],
  now timestamptz
) returns table (message_number int, epoch int, seq bigint, count bigint, at timestamptz, is_duplicate boolean, is_same boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  customer uuid;
  g1 int := 1;
  g2 int;
  m1 int := 1;
  m2 int;
  -- What was there already.
  old_number int[];
  old_channel uuid[];
  old_seq bigint[];
  old_count bigint[];
  old_at timestamptz[];
  old_is_same boolean[];
begin
  for nth in 1..cardinality(customers) loop
    customer := customers[nth];
    g2 := group_ends[nth];
    m2 := message_ends[nth];
    perform set_config('gb.customer', customer::text, true);
    perform 1 from gb.channel_heads h
      where h.customer_id = customer and h.channel_id = any (channels[g1:g2])
      order by h.channel_id for no key update;
    -- Planned anew each time: a plan kept from the table's early days would walk through whole channels.
    execute $look$
      select coalesce(array_agg(m.number), '{}'), array_agg(m.channel_id), array_agg(x.seq), array_agg(x.count), array_agg(x.at), array_agg(
        -- Somebody may have edited or deleted it before the retry came.
        x.deleted_at is not null or m.parts is not distinct from x.parts and m.text = coalesce(
          (select v.text from gb.message_versions v
           where v.customer_id = $1 and v.channel_id = m.channel_id and v.seq = x.seq order by v.version limit 1),
          x.text))
      from (
        select $2 - 1 + u.ord::int as number, $3[u.g] as channel_id, u.author_id, u.client_id, u.text, u.parts::jsonb as parts
        from unnest($4, $5, $6, $7, $8) with ordinality u (g, author_id, client_id, text, parts, ord)
      ) m
      cross join lateral (
        select y.seq, y.count, y.at, y.deleted_at, y.text, y.parts from gb.messages y
        -- As text, so that no index led by customer and channel applies: only the one led by the client id is left.
        where y.client_id = m.client_id and y.author_id = m.author_id
          and y.channel_id::text = m.channel_id::text and y.customer_id::text = $1::text
        limit 1
      ) x
    $look$
    into old_number, old_channel, old_seq, old_count, old_at, old_is_same
    using customer, m1, channels, m_group[m1:m2], m_author[m1:m2], m_client[m1:m2], m_text[m1:m2], m_parts[m1:m2];

    return query
      select o.number, h.epoch, o.seq, o.count, o.at, true, o.is_same
      from unnest(old_number, old_channel, old_seq, old_count, old_at, old_is_same) o (number, channel_id, seq, count, at, is_same)
      join gb.channel_heads h on h.customer_id = customer and h.channel_id = o.channel_id;

    return query
      with fresh as materialized (
        select m1 - 1 + u.ord::int as number, channels[u.g] as channel_id, u.*,
               row_number() over w as place, count(*) filter (where u.thread_seq is null) over w as counted
        from unnest(m_group[m1:m2], m_author[m1:m2], m_client[m1:m2], m_text[m1:m2],
                    m_thread[m1:m2], m_mentions[m1:m2], m_to_channel[m1:m2], m_suggestions[m1:m2], m_parts[m1:m2])
             with ordinality u (g, author_id, client_id, text, thread_seq, mentions, to_channel, suggestions, parts, ord)
        where m1 - 1 + u.ord::int <> all (old_number)
        window w as (partition by u.g order by u.ord)
      ), grown as (
        select fresh.channel_id, count(*) as size, count(*) filter (where fresh.thread_seq is null) as counted from fresh group by fresh.channel_id
      ), heads as (
        update gb.channel_heads h set head = h.head + grown.size, count = h.count + grown.counted, last_message_at = now
        from grown where h.customer_id = customer and h.channel_id = grown.channel_id
        returning h.channel_id, h.epoch, h.head - grown.size as head_before, h.count - grown.counted as count_before
      ), placed as materialized (
        select fresh.*, heads.epoch, heads.head_before + fresh.place as seq, heads.count_before + fresh.counted as new_count
        from fresh join heads on heads.channel_id = fresh.channel_id
      ), stored as (
        insert into gb.messages (customer_id, channel_id, seq, count, author_id, client_id, text, at, thread_seq, mentions, mentions_channel, suggestions, parts)
        select customer, p.channel_id, p.seq, p.new_count, p.author_id, p.client_id, p.text, now,
               p.thread_seq, p.mentions::uuid[], coalesce(p.to_channel, false), p.suggestions::jsonb, p.parts::jsonb
        from placed p
      ), mentioned as (
        insert into gb.mentions (customer_id, user_id, channel_id, seq)
        select customer, u.user_id, p.channel_id, p.seq
        from placed p cross join lateral unnest(p.mentions::uuid[]) u (user_id)
        where p.mentions is not null and u.user_id <> p.author_id
        on conflict do nothing
      ), queued as (
        insert into gb.outbox (customer_id, channel_id, seq, kind)
        select customer, p.channel_id, p.seq, 'message.posted' from placed p order by p.channel_id, p.seq
      )
      select p.number, p.epoch, p.seq, p.new_count, now, false, true from placed p;
    if cardinality(m_parts) > 0 then
      perform gb.note_file_uses(customer, channels, m_group[m1:m2], m_author[m1:m2], m_client[m1:m2], m_parts[m1:m2]);
    end if;
    g1 := g2 + 1;
    m1 := m2 + 1;
  end loop;
end
$$;

revoke all on all functions in schema gb from public;
grant execute on all functions in schema gb to gb_app;
