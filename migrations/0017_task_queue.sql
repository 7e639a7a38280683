-- Work for whoever has time: webhooks to be called, mails to be handed over. What a task is stands behind the wall; when
-- it is its turn stands in the directory, so that one worker serves all customers and sees nothing of them but that.

create table gb.queued_tasks (
  customer_id uuid not null references gb.customers,
  task_id uuid not null,
  kind text not null constraint queued_tasks_kind_length check (char_length(kind) between 1 and 40),
  key text not null constraint queued_tasks_key_length check (char_length(key) between 1 and 200),
  payload json not null constraint queued_tasks_payload_length check (octet_length(payload::text) <= 65536),
  -- 0 high, 1 normal, 2 low.
  priority smallint not null check (priority between 0 and 2),
  not_before timestamptz not null,
  -- Of one that is dead.
  attempts int not null default 0,
  reason text constraint queued_tasks_reason_length check (char_length(reason) <= 500),
  died_at timestamptz,
  primary key (customer_id, task_id)
);
-- One that is dead frees its key: the same again is another task.
create unique index queued_tasks_key on gb.queued_tasks (customer_id, kind, key) where died_at is null;
create index queued_tasks_dead on gb.queued_tasks (customer_id, died_at desc, task_id desc) where died_at is not null;

select control.raise_wall('gb.queued_tasks');
grant select, insert, update, delete on gb.queued_tasks to gb_app;

-- Kept by triggers, as the alarm clock is. All times are this database's own: takers on machines whose clocks differ agree.
create table control.tasks (
  customer_id uuid not null,
  task_id uuid not null,
  kind text not null,
  priority smallint not null,
  attempts int not null default 0,
  -- When it is ready, or when whoever took it is believed dead; null when the task is.
  wake_at timestamptz,
  holder uuid,
  primary key (customer_id, task_id)
);
create index tasks_turn on control.tasks (kind, customer_id, priority, wake_at);

create function control.set_task() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    delete from control.tasks t where t.customer_id = old.customer_id and t.task_id = old.task_id;
  elsif tg_op = 'INSERT' then
    insert into control.tasks (customer_id, task_id, kind, priority, attempts, wake_at)
    values (new.customer_id, new.task_id, new.kind, new.priority, new.attempts,
      case when new.died_at is null then new.not_before end);
  else
    update control.tasks t
    set holder = null, attempts = new.attempts, wake_at = case when new.died_at is null then new.not_before end
    where t.customer_id = new.customer_id and t.task_id = new.task_id;
  end if;
  return null;
end
$$;

create trigger set_task after insert or delete on gb.queued_tasks for each row execute function control.set_task();
create trigger set_task_dead after update on gb.queued_tasks for each row
  when (new.died_at is distinct from old.died_at) execute function control.set_task();

-- Takes tasks for a time. Customers take turns: they come in the order of their ids, from the one after `after` on and
-- around, `each` tasks at a time, and none gets above its share of what its taker has under way.
create function control.take_tasks(
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

-- Tells which of them are still their holder's, and keeps those from being taken by another.
create function control.keep_tasks(who uuid, hold_ms int, owners uuid[], ids uuid[]) returns table (task_id uuid)
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update control.tasks t set wake_at = clock_timestamp() + hold_ms * interval '1 millisecond'
  from unnest(owners, ids) mine (customer_id, task_id)
  where t.customer_id = mine.customer_id and t.task_id = mine.task_id and t.holder = who
  returning t.task_id
$$;

create function control.put_back_task(who uuid, owner uuid, id uuid, pause_ms bigint) returns boolean
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  with put as (
    update control.tasks t set holder = null, wake_at = clock_timestamp() + pause_ms * interval '1 millisecond'
    where t.customer_id = owner and t.task_id = id and t.holder = who
    returning 1
  )
  select exists (select from put)
$$;

-- Of one customer, or of all.
create function control.task_figures(owner uuid)
returns table (kind text, ready bigint, delayed bigint, running bigint, dead bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select t.kind,
    count(*) filter (where t.wake_at <= clock_timestamp()),
    count(*) filter (where t.wake_at > clock_timestamp() and t.holder is null),
    count(*) filter (where t.wake_at > clock_timestamp() and t.holder is not null),
    count(*) filter (where t.wake_at is null)
  from control.tasks t where owner is null or t.customer_id = owner
  group by t.kind order by t.kind
$$;

revoke all on function control.set_task(),
  control.take_tasks(text, uuid, int, int, int, int, uuid, uuid[], int[]),
  control.keep_tasks(uuid, int, uuid[], uuid[]), control.put_back_task(uuid, uuid, uuid, bigint),
  control.task_figures(uuid) from public;
grant execute on function control.take_tasks(text, uuid, int, int, int, int, uuid, uuid[], int[]),
  control.keep_tasks(uuid, int, uuid[], uuid[]), control.put_back_task(uuid, uuid, uuid, bigint),
  control.task_figures(uuid) to gb_app;
