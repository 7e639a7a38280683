-- A bucket on its way from one database to another, while its customers go on.
--
-- Who moves it works as the owner, so nothing here is granted to anybody but where it says so. docs/operations/shards.md
-- tells the whole way; what follows are the notes it leaves, so that whoever comes after a crash knows where it was.

-- In the control database: which moves are under way. The row goes when the move is over.
create table control.bucket_moves (
  bucket int primary key references control.bucket_map,
  source text not null references control.shards,
  target text not null references control.shards,
  -- The one the bucket leaves with; it arrives with the next.
  epoch bigint not null check (epoch >= 1),
  -- `copying`: the source is the truth. `committed`: the target is. `aborting`: what was copied is being taken away again.
  phase text not null check (phase in ('copying', 'committed', 'aborting')),
  started_at timestamptz not null default now(),
  check (source <> target)
);

-- `closed`: on its way elsewhere or hither, with rows here. `gone`: it was here once, and nothing of it is left. The row
-- stays, so that nobody takes this database for one that was never asked.
alter table control.buckets drop constraint buckets_state_check;
alter table control.buckets add constraint buckets_state_check check (state in ('open', 'closed', 'gone'));
-- Its outbox waits until the database it came from has handed out what happened there.
alter table control.buckets add column holds_outbox boolean not null default false;
create index buckets_closed on control.buckets (bucket) where state = 'closed' or holds_outbox;

-- At the source: keys of rows that were changed since the copying began, written by triggers that are there only meanwhile.
create table control.bucket_changes (
  bucket int not null,
  change_id bigint generated always as identity,
  relation text not null,
  owner uuid not null,
  -- The primary key without the customer: ["...", 12].
  key jsonb not null,
  primary key (bucket, change_id)
);

-- At the target: how far the copying has come, written with the rows themselves.
create table control.bucket_arrivals (
  bucket int not null,
  relation text not null,
  owner uuid not null,
  -- The last key that is here; null when none is.
  last_key jsonb,
  is_complete boolean not null default false,
  primary key (bucket, relation, owner)
);

-- At the target: tables that bots made, as they were at the source when they were made here.
create table control.arrived_tables (
  table_id uuid primary key,
  bucket int not null,
  definition text not null
);

-- Whether alarms and tasks of this customer are for this database to hand out. Where customers never move, all are.
create function control.is_here(owner uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return not exists (select from control.buckets b where b.bucket = control.bucket_of(owner) and b.state <> 'open');
end
$$;

-- As in migration 0016, and it passes over customers on their way.
create or replace function control.take_timers(due timestamptz, until timestamptz, most int, busy uuid[])
returns table (customer_id uuid, kind text, id uuid)
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update control.timers t set wake_at = due
  from (
    select s.customer_id, s.kind, s.id from control.timers s
    where s.is_held and s.wake_at > greatest(due, until) + interval '1 minute' and control.is_here(s.customer_id)
    for update skip locked
  ) lost
  where t.customer_id = lost.customer_id and t.kind = lost.kind and t.id = lost.id;
  update control.timers t set wake_at = until, is_held = true
  from (
    select s.customer_id, s.kind, s.id from control.timers s
    where s.wake_at <= due and s.customer_id <> all (busy) and control.is_here(s.customer_id)
    order by s.wake_at limit most for update skip locked
  ) taken
  where t.customer_id = taken.customer_id and t.kind = taken.kind and t.id = taken.id
  returning t.customer_id, t.kind, t.id
$$;

-- As in migration 0017, and it passes over customers on their way.
create or replace function control.take_tasks(
  wanted text, who uuid, hold_ms int, most int, each int, share int, after uuid, busy uuid[], running int[]
) returns table (customer_id uuid, task_id uuid, attempt int)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  now_is timestamptz := clock_timestamp();
  place uuid := after;
  is_around boolean := false;
  owner uuid;
  room int;
  taken int := 0;
  batch int;
begin
  while taken < most loop
    select t.customer_id into owner from control.tasks t
    where t.kind = wanted and t.customer_id > place and t.wake_at <= now_is
    order by t.customer_id limit 1;
    if owner is null or is_around and owner > after then
      exit when is_around;
      is_around := true;
      -- Before any id.
      place := '00000000-0000-0000-0000-000000000000';
      continue;
    end if;
    place := owner;
    continue when not control.is_here(owner);
    room := least(each, most - taken,
      share - coalesce((select b.n from unnest(busy, running) b (c, n) where b.c = owner), 0));
    for level in 0..2 loop
      exit when room <= 0;
      return query
        update control.tasks t
        set holder = who, attempts = t.attempts + 1, wake_at = now_is + hold_ms * interval '1 millisecond'
        from (
          select s.customer_id, s.task_id from control.tasks s
          where s.kind = wanted and s.customer_id = owner and s.priority = level and s.wake_at <= now_is
          order by s.wake_at limit room for update skip locked
        ) mine
        where t.customer_id = mine.customer_id and t.task_id = mine.task_id
        returning t.customer_id, t.task_id, t.attempts;
      get diagnostics batch = row_count;
      room := room - batch;
      taken := taken + batch;
    end loop;
  end loop;
end
$$;

-- What the relay does not see yet. Where nothing is held, a row costs no more than before.
create function control.hands_out_all() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select not exists (select from control.buckets b where b.holds_outbox)
$$;
create function control.held_buckets() returns int[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(b.bucket), '{}') from control.buckets b where b.holds_outbox
$$;
drop policy relay on gb.outbox;
create policy relay on gb.outbox to gb_relay using (
  (select control.hands_out_all()) or control.bucket_of(customer_id) <> all ((select control.held_buckets())::int[])
) with check (false);
grant usage on schema control to gb_relay;
grant execute on function control.hands_out_all(), control.held_buckets(), control.bucket_of(uuid) to gb_relay;

-- How much of whom is here, for who decides what to move: entries of their logs and rows of their bots' tables, the
-- latter as the planner estimates them. For the owner, who stands behind the wall as everybody: one customer after another.
create function control.customer_sizes() returns table (customer_id uuid, bucket int, entries bigint)
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  one uuid;
begin
  for one in select c.customer_id from control.customers c loop
    perform set_config('gb.customer', one::text, true);
    return query
      select one, control.bucket_of(one),
        coalesce((select sum(greatest(h.head, 0)) from gb.channel_heads h where h.customer_id = one), 0)::bigint
        + coalesce((
          select sum(greatest(k.reltuples, 0)) from control.tables t
          join pg_class k on k.oid = to_regclass('gb.t_' || replace(t.table_id::text, '-', ''))
          where t.customer_id = one), 0)::bigint;
  end loop;
  perform set_config('gb.customer', '', true);
end
$$;

revoke all on function control.is_here(uuid), control.hands_out_all(), control.held_buckets(), control.customer_sizes() from public;
