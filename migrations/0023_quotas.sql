-- What a customer may have: so many members, bots, channels, so many bytes, so many messages a day.
--
-- What is counted is counted by triggers, as the bytes of files are, so that no way into a table goes around it; the row of
-- the count is held until the transaction ends, so two that take the last room do not both get it. Whoever copies rows
-- from one database to another copies the counts like any other rows, with these triggers off.

-- What everybody may have, by `subscription_tier`; '*' is any. Written at each start from the settings.
create table control.quota_defaults (
  tier text not null,
  quota text not null,
  -- null: without end.
  most bigint check (most >= 0),
  primary key (tier, quota)
);

create function control.default_quota(wanted_tier text, wanted text) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select d.most from control.quota_defaults d
  where d.quota = wanted and d.tier in (wanted_tier, '*') order by d.tier = '*' limit 1
$$;
revoke all on function control.default_quota(text, text) from public;
grant execute on function control.default_quota(text, text) to gb_app;

-- What an operator set for one customer. The application reads it and cannot change it.
create table gb.quotas (
  customer_id uuid not null references gb.customers,
  quota text not null constraint quotas_quota_length check (char_length(quota) between 1 and 40),
  -- null: without end.
  most bigint check (most >= 0),
  set_at timestamptz not null default now(),
  primary key (customer_id, quota)
);

create table gb.quota_usage (
  customer_id uuid not null references gb.customers,
  quota text not null,
  used bigint not null check (used >= 0),
  primary key (customer_id, quota)
);

-- Messages of a day, in UTC by this database's clock. Counted by the processes that accept them, now and then: a row that
-- every message changes would be one that all messages of a customer wait for.
create table gb.daily_messages (
  customer_id uuid not null references gb.customers,
  day date not null,
  messages bigint not null check (messages >= 0),
  primary key (customer_id, day)
);

select control.raise_wall(t::regclass) from unnest(array['gb.quotas', 'gb.quota_usage', 'gb.daily_messages']) t;
grant select on gb.quotas to gb_app;
grant select, insert, update on gb.quota_usage to gb_app;
grant select, insert, update, delete on gb.daily_messages to gb_app;

-- What a customer may have of something; null for as much as it likes.
create function gb.quota_of(customer uuid, wanted text) returns bigint language plpgsql stable as $$
declare
  own gb.quotas%rowtype;
begin
  select * into own from gb.quotas q where q.customer_id = customer and q.quota = wanted;
  if found then
    return own.most;
  end if;
  return control.default_quota((select k.subscription_tier from gb.customers k where k.customer_id = customer), wanted);
end
$$;

-- Counts, and refuses with GB002 what is too much. The count of a customer that was not there before is born here.
create function gb.count_use(customer uuid, wanted text, difference bigint) returns void language plpgsql as $$
declare
  now_used bigint;
  most_used bigint;
begin
  -- A part of a large customer (migration 0021) counts nothing: what lies in it is counted at home.
  if difference = 0 or substr(customer::text, 15, 1) = '8' then
    return;
  end if;
  insert into gb.quota_usage as u (customer_id, quota, used) values (customer, wanted, greatest(difference, 0))
  on conflict (customer_id, quota) do update set used = u.used + difference
  returning u.used into now_used;
  if difference > 0 then
    most_used := gb.quota_of(customer, wanted);
    if now_used > most_used then
      raise exception '% of a customer are limited to %', wanted, most_used using errcode = 'GB002',
        detail = json_build_object('name', wanted, 'used', now_used - difference, 'most', most_used)::text;
    end if;
  end if;
end
$$;

-- For triggers of tables of which every row counts: the quota is the argument.
create function gb.count_row() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform gb.count_use(new.customer_id, tg_argv[0], 1);
  else
    perform gb.count_use(old.customer_id, tg_argv[0], -1);
  end if;
  return null;
end
$$;

-- People who may sign in. Contacts of bots have no account, and are as many as somebody outside likes.
create function gb.count_member() returns trigger language plpgsql as $$
declare
  before int := case when tg_op = 'UPDATE' and old.kind = 'person' and old.is_active and old.contact_bot_id is null then 1 else 0 end;
  after int := case when new.kind = 'person' and new.is_active and new.contact_bot_id is null then 1 else 0 end;
begin
  perform gb.count_use(new.customer_id, 'members', after - before);
  return null;
end
$$;
create trigger count_member after insert on gb.users for each row
  when (new.kind = 'person' and new.is_active and new.contact_bot_id is null) execute function gb.count_member();
create trigger count_member_again after update of is_active, kind, contact_bot_id on gb.users for each row
  when (old.is_active is distinct from new.is_active or old.kind is distinct from new.kind
    or old.contact_bot_id is distinct from new.contact_bot_id)
  execute function gb.count_member();

-- Bots that people made; those that come with the program are nobody's doing.
create trigger count_bot after insert on gb.bots for each row when (new.origin = 'editor') execute function gb.count_row('bots');
create trigger count_bot_gone after delete on gb.bots for each row when (old.origin = 'editor') execute function gb.count_row('bots');

-- Channels that somebody made and that are not archived; those of two people are as many as people make them.
create function gb.count_channel() returns trigger language plpgsql as $$
declare
  before int := case when tg_op = 'UPDATE' and old.kind in ('public', 'private', 'group') and not old.is_archived then 1 else 0 end;
  after int := case when new.kind in ('public', 'private', 'group') and not new.is_archived then 1 else 0 end;
begin
  perform gb.count_use(new.customer_id, 'channels', after - before);
  return null;
end
$$;
create trigger count_channel after insert on gb.channels for each row
  when (new.kind in ('public', 'private', 'group')) execute function gb.count_channel();
create trigger count_channel_again after update of is_archived, kind on gb.channels for each row
  when (old.is_archived is distinct from new.is_archived or old.kind is distinct from new.kind)
  execute function gb.count_channel();

revoke all on function gb.quota_of(uuid, text), gb.count_use(uuid, text, bigint), gb.count_row(), gb.count_member(),
  gb.count_channel() from public;
grant execute on function gb.quota_of(uuid, text), gb.count_use(uuid, text, bigint), gb.count_row(), gb.count_member(),
  gb.count_channel() to gb_app;

-- Who was there before. Nothing is refused: a quota that is exceeded already only stops what comes.
do $$
declare
  one record;
begin
  for one in select c.customer_id from control.customers c loop
    perform set_config('gb.customer', one.customer_id::text, true);
    insert into gb.quota_usage (customer_id, quota, used)
    select one.customer_id, 'members', count(*) from gb.users u
    where u.customer_id = one.customer_id and u.kind = 'person' and u.is_active and u.contact_bot_id is null
    union all
    select one.customer_id, 'bots', count(*) from gb.bots b where b.customer_id = one.customer_id and b.origin = 'editor'
    union all
    select one.customer_id, 'channels', count(*) from gb.channels c
    where c.customer_id = one.customer_id and c.kind in ('public', 'private', 'group') and not c.is_archived;
  end loop;
  perform set_config('gb.customer', '', true);
end
$$;
