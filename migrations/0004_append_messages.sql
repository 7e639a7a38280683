-- The two ways to store a batch of messages. A batch may hold several customers; it is sorted by customer and channel, so
-- that whoever locks heads does it in one global order and batches never deadlock. Each customer is a slice: the wall is
-- set to it before its statement runs. One call is one transaction.
--
-- Arrays: one element a customer (customers, group_ends, message_ends: where its slice ends in the others), one a channel
-- (channels, sizes, counts: its messages, and how many of them are outside threads), one a message (m_...: m_group is the
-- number of its channel; the last four may be empty when no message has any).

-- Without looking for duplicates. If one is there, the unique constraint refuses the whole batch (23505), and it goes
-- through append_messages_after_looking. m_place and m_count are the message's places within its channel's part.
create function gb.append_messages(
  customers uuid[], group_ends int[], message_ends int[],
  channels uuid[], sizes int[], counts int[],
  m_group int[], m_place int[], m_count int[], m_author uuid[], m_client uuid[], m_text text[],
  m_thread bigint[], m_mentions text[], m_to_channel boolean[], m_suggestions text[],
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
        insert into gb.messages (customer_id, channel_id, seq, count, author_id, client_id, text, at, thread_seq, mentions, mentions_channel, suggestions)
        select customer, placed.channel_id, placed.head_before + m.place, placed.count_before + m.counted, m.author_id, m.client_id, m.text, now,
               m.thread_seq, m.mentions::uuid[], coalesce(m.to_channel, false), m.suggestions::jsonb
        from unnest(m_group[m1:m2], m_place[m1:m2], m_count[m1:m2], m_author[m1:m2], m_client[m1:m2], m_text[m1:m2],
                    m_thread[m1:m2], m_mentions[m1:m2], m_to_channel[m1:m2], m_suggestions[m1:m2])
               m (number, place, counted, author_id, client_id, text, thread_seq, mentions, to_channel, suggestions)
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
    g1 := g2 + 1;
    m1 := m2 + 1;
  end loop;
end
$$;

-- Looks first. The heads are locked in a statement of their own, so that the look-up after it sees what others committed
-- before the lock was granted. A message that is there comes back with its first number, and with whether it is the same
-- text; one whose channel does not exist does not come back. No two messages of a batch may have the same client id.
create function gb.append_messages_after_looking(
  customers uuid[], group_ends int[], message_ends int[],
  channels uuid[],
  m_group int[], m_author uuid[], m_client uuid[], m_text text[],
  m_thread bigint[], m_mentions text[], m_to_channel boolean[], m_suggestions text[],
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
        x.deleted_at is not null or m.text = coalesce(
          (select v.text from gb.message_versions v
           where v.customer_id = $1 and v.channel_id = m.channel_id and v.seq = x.seq order by v.version limit 1),
          x.text))
      from (
        select $2 - 1 + u.ord::int as number, $3[u.g] as channel_id, u.author_id, u.client_id, u.text
        from unnest($4, $5, $6, $7) with ordinality u (g, author_id, client_id, text, ord)
      ) m
      cross join lateral (
        select y.seq, y.count, y.at, y.deleted_at, y.text from gb.messages y
        -- As text, so that no index led by customer and channel applies: only the one led by the client id is left.
        where y.client_id = m.client_id and y.author_id = m.author_id
          and y.channel_id::text = m.channel_id::text and y.customer_id::text = $1::text
        limit 1
      ) x
    $look$
    into old_number, old_channel, old_seq, old_count, old_at, old_is_same
    using customer, m1, channels, m_group[m1:m2], m_author[m1:m2], m_client[m1:m2], m_text[m1:m2];

    return query
      select o.number, h.epoch, o.seq, o.count, o.at, true, o.is_same
      from unnest(old_number, old_channel, old_seq, old_count, old_at, old_is_same) o (number, channel_id, seq, count, at, is_same)
      join gb.channel_heads h on h.customer_id = customer and h.channel_id = o.channel_id;

    return query
      with fresh as materialized (
        select m1 - 1 + u.ord::int as number, channels[u.g] as channel_id, u.*,
               row_number() over w as place, count(*) filter (where u.thread_seq is null) over w as counted
        from unnest(m_group[m1:m2], m_author[m1:m2], m_client[m1:m2], m_text[m1:m2],
                    m_thread[m1:m2], m_mentions[m1:m2], m_to_channel[m1:m2], m_suggestions[m1:m2])
             with ordinality u (g, author_id, client_id, text, thread_seq, mentions, to_channel, suggestions, ord)
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
        insert into gb.messages (customer_id, channel_id, seq, count, author_id, client_id, text, at, thread_seq, mentions, mentions_channel, suggestions)
        select customer, p.channel_id, p.seq, p.new_count, p.author_id, p.client_id, p.text, now,
               p.thread_seq, p.mentions::uuid[], coalesce(p.to_channel, false), p.suggestions::jsonb
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
    g1 := g2 + 1;
    m1 := m2 + 1;
  end loop;
end
$$;

revoke all on all functions in schema gb from public;
grant execute on all functions in schema gb to gb_app;
