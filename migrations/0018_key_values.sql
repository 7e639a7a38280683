-- Values by key, where no other engine keeps them: the default of the KeyValueStore. A key starts with its customer, so
-- that the wall stands here as everywhere.
create table gb.key_values (
  customer_id uuid not null,
  key bytea not null,
  value bytea not null,
  primary key (customer_id, key),
  constraint key_values_key_length check (octet_length(key) between 17 and 1024),
  constraint key_values_value_length check (octet_length(value) between 1 and 1048576),
  check (substr(key, 1, 16) = decode(replace(customer_id::text, '-', ''), 'hex'))
);
-- What is large is compressed already.
alter table gb.key_values alter column value set storage external;
select control.raise_wall('gb.key_values');
grant select, insert, update, delete on gb.key_values to gb_app;

-- Old history: texts of many messages of a channel as one immutable value of the KeyValueStore. Their rows stay, with
-- everything that is counted, looked up or referred to, and name the segment in `cold`.
create table gb.cold_segments (
  customer_id uuid not null,
  channel_id uuid not null,
  first_seq bigint not null,
  last_seq bigint not null,
  -- Where its value is. It ends with the hash of what is in it, so another content has another key.
  key bytea not null,
  bytes int not null,
  -- Messages of it were edited or deleted since: their old texts are to be taken out of the value.
  is_stale boolean not null default false,
  made_at timestamptz not null,
  primary key (customer_id, channel_id, first_seq),
  foreign key (customer_id, channel_id) references gb.channels,
  check (first_seq <= last_seq)
);
create index cold_segments_stale on gb.cold_segments (customer_id) where is_stale;
select control.raise_wall('gb.cold_segments');
grant select, insert, update, delete on gb.cold_segments to gb_app;

-- Values that no segment names: written down before the value is stored, and taken away with the commit that names it.
-- What a crash leaves behind is found here and deleted.
create table gb.cold_leftovers (
  customer_id uuid not null,
  key bytea not null,
  at timestamptz not null,
  primary key (customer_id, key)
);
select control.raise_wall('gb.cold_leftovers');
grant select, insert, update, delete on gb.cold_leftovers to gb_app;

-- The first number of the segment that has text, suggestions and parts; null when they are here.
alter table gb.messages add column cold bigint;
-- Of a message in cold history: enough to tell whether one that is sent again is the same.
alter table gb.messages add column cold_text_hash bytea, add column cold_parts_hash bytea;
create function gb.content_hash(content text) returns bytea language sql immutable strict parallel safe as $$
  select substr(sha256(convert_to(content, 'UTF8')), 1, 16)
$$;
revoke all on function gb.content_hash(text) from public;
grant execute on function gb.content_hash(text) to gb_app;
alter table gb.messages add foreign key (customer_id, channel_id, cold) references gb.cold_segments (customer_id, channel_id, first_seq);

-- As in migration 0007, and it knows of messages whose text is not here.
create or replace function gb.append_messages_after_looking(
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
        x.deleted_at is not null
        or case when x.cold is null then m.parts is not distinct from x.parts
                else gb.content_hash(m.parts::text) is not distinct from x.cold_parts_hash end
        and coalesce(
          (select m.text = v.text from gb.message_versions v
           where v.customer_id = $1 and v.channel_id = m.channel_id and v.seq = x.seq order by v.version limit 1),
          case when x.cold is null then m.text = x.text else gb.content_hash(m.text) = x.cold_text_hash end))
      from (
        select $2 - 1 + u.ord::int as number, $3[u.g] as channel_id, u.author_id, u.client_id, u.text, u.parts::jsonb as parts
        from unnest($4, $5, $6, $7, $8) with ordinality u (g, author_id, client_id, text, parts, ord)
      ) m
      cross join lateral (
        select y.seq, y.count, y.at, y.deleted_at, y.cold, y.text, y.parts, y.cold_text_hash, y.cold_parts_hash from gb.messages y
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
