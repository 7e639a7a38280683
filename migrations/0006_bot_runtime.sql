-- Conversations that go on by themselves: after a pause, when the world has answered, when a clock says so. And what the
-- published version of a bot says about itself.

-- A dialog has a place: one for each bot, channel, person and thread. A run has none: a script that a clock, a webhook, a
-- row or a tool started. Both are conversations: the same turns, the same journal, the same limits.
alter table gb.conversations drop constraint conversations_pkey;
alter table gb.conversations add primary key (customer_id, conversation_id);
alter table gb.conversations drop constraint conversations_status_check;
alter table gb.conversations
  alter channel_id drop not null,
  add constraint conversations_status_check
    check (status in ('starting', 'waiting', 'asking', 'handed', 'finished', 'failed', 'parked')),
  add column kind text not null default 'dialog' check (kind in ('dialog', 'run')),
  add constraint conversations_place check (kind = 'run' or channel_id is not null),
  -- The entry script its program was compiled from.
  add column script text not null default 'start.bas' constraint conversations_script_length check (char_length(script) <= 200),
  -- Goes up with every change of the row, so that one who read it can tell whether it still is what it was.
  add column revision int not null default 1,
  -- When there is something to do without anybody saying anything; null when there is not.
  add column wake_at timestamptz,
  -- What it waits for besides the clock, like an event by its name.
  add column waits_for text constraint conversations_waits_for_length check (char_length(waits_for) <= 400),
  -- What was asked of the host, or what a run begins with.
  add column request json,
  -- What came of it; of a run that finished, what it gave back.
  add column result json,
  -- What the conversation keeps beside its program's variables.
  add column state json not null default '{}',
  -- What people said while it was busy, oldest first.
  add column inbox json not null default '[]',
  -- Operations outside since somebody last said something.
  add column calls int not null default 0,
  -- Turns in a row that could not be run, by no fault of the program.
  add column failures int not null default 0;
create unique index conversations_dialog on gb.conversations (customer_id, bot_id, channel_id, user_id, thread_seq)
  where kind = 'dialog';
create index conversations_waits_for on gb.conversations (customer_id, waits_for) where waits_for is not null;
grant delete on gb.conversations to gb_app;

-- Each turn as it came in and what came out: for the people who look for what happened, and for running it again.
create table gb.bot_turns (
  customer_id uuid not null,
  conversation_id uuid not null,
  turn int not null,
  bot_id uuid not null,
  at timestamptz not null,
  cause text not null check (cause in ('start', 'answer', 'result', 'timeout')),
  program_hash text not null,
  -- Before the turn; null at a start.
  snapshot bytea,
  input json not null,
  output json not null,
  fuel bigint not null,
  primary key (customer_id, conversation_id, turn),
  foreign key (customer_id, bot_id) references gb.bots
);
create index bot_turns_age on gb.bot_turns (customer_id, at);

-- What publishing found the scripts to say: entries with their programs, tools, tables, schedules, triggers, settings.
alter table gb.bot_versions add column manifest jsonb;

create table gb.bot_schedules (
  customer_id uuid not null,
  schedule_id uuid not null,
  bot_id uuid not null,
  script text not null constraint bot_schedules_script_length check (char_length(script) <= 200),
  -- As its author wrote it, and as the clock reads it.
  text text not null constraint bot_schedules_text_length check (char_length(text) <= 400),
  rule jsonb not null,
  label text not null constraint bot_schedules_label_length check (char_length(label) <= 200),
  origin text not null check (origin in ('declared', 'asked')),
  params json not null default '{}',
  time_zone text not null constraint bot_schedules_time_zone_length check (char_length(time_zone) <= 100),
  -- null when it will not come again.
  wake_at timestamptz,
  last_at timestamptz,
  primary key (customer_id, schedule_id),
  foreign key (customer_id, bot_id) references gb.bots
);
create index bot_schedules_bot on gb.bot_schedules (customer_id, bot_id);

create table gb.bot_triggers (
  customer_id uuid not null,
  bot_id uuid not null,
  kind text not null constraint bot_triggers_kind_length check (char_length(kind) <= 40),
  -- In lower case: of a webhook, a table, an event, a form, a folder, an address.
  name text not null constraint bot_triggers_name_length check (char_length(name) <= 200),
  script text not null constraint bot_triggers_script_length check (char_length(script) <= 200),
  details jsonb not null default '{}',
  primary key (customer_id, bot_id, kind, name, script),
  foreign key (customer_id, bot_id) references gb.bots
);
create index bot_triggers_name on gb.bot_triggers (customer_id, kind, name);

select control.raise_wall(t::regclass) from unnest(array['gb.bot_turns', 'gb.bot_schedules', 'gb.bot_triggers']) t;
grant select, insert, delete on gb.bot_turns, gb.bot_triggers to gb_app;
grant select, insert, update, delete on gb.bot_schedules to gb_app;

-- The alarm clock: what is due, over all customers, without looking at anything else of them. Kept by triggers, so that
-- it cannot drift from the tables.
create table control.timers (
  customer_id uuid not null,
  kind text not null,
  id uuid not null,
  wake_at timestamptz not null,
  primary key (customer_id, kind, id)
);
create index timers_due on control.timers (wake_at);

create function control.put_timer(owner uuid, subject_kind text, subject uuid, at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if at is null then
    delete from control.timers t where t.customer_id = owner and t.kind = subject_kind and t.id = subject;
  else
    insert into control.timers (customer_id, kind, id, wake_at) values (owner, subject_kind, subject, at)
    on conflict (customer_id, kind, id) do update set wake_at = excluded.wake_at;
  end if;
end
$$;

create function control.set_conversation_timer() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    perform control.put_timer(old.customer_id, 'conversation', old.conversation_id, null);
  else
    -- The next dialog of a place takes over its row, under an id of its own.
    if tg_op = 'UPDATE' and old.conversation_id <> new.conversation_id then
      perform control.put_timer(old.customer_id, 'conversation', old.conversation_id, null);
    end if;
    perform control.put_timer(new.customer_id, 'conversation', new.conversation_id, new.wake_at);
  end if;
  return null;
end
$$;

create function control.set_schedule_timer() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    perform control.put_timer(old.customer_id, 'schedule', old.schedule_id, null);
  else
    perform control.put_timer(new.customer_id, 'schedule', new.schedule_id, new.wake_at);
  end if;
  return null;
end
$$;

-- Called only when an alarm comes, moves or goes: most turns leave none behind and call nothing. A row that changes
-- otherwise keeps its alarm, and with it the time for which somebody took it.
create trigger set_timer_new after insert on gb.conversations for each row when (new.wake_at is not null)
  execute function control.set_conversation_timer();
create trigger set_timer after update on gb.conversations for each row
  when (new.wake_at is distinct from old.wake_at or old.wake_at is not null and new.conversation_id <> old.conversation_id)
  execute function control.set_conversation_timer();
create trigger set_timer_gone after delete on gb.conversations for each row when (old.wake_at is not null)
  execute function control.set_conversation_timer();
create trigger set_timer_new after insert on gb.bot_schedules for each row when (new.wake_at is not null)
  execute function control.set_schedule_timer();
create trigger set_timer after update on gb.bot_schedules for each row when (new.wake_at is distinct from old.wake_at)
  execute function control.set_schedule_timer();
create trigger set_timer_gone after delete on gb.bot_schedules for each row when (old.wake_at is not null)
  execute function control.set_schedule_timer();

-- Takes what is due, for a time: whoever took it and dies has it taken from them when that time is over. Customers that
-- have as much under way as they may are left out, so that one with much to do does not hide the others.
create function control.take_timers(due timestamptz, until timestamptz, most int, busy uuid[])
returns table (customer_id uuid, kind text, id uuid)
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update control.timers t set wake_at = until
  from (
    select s.customer_id, s.kind, s.id from control.timers s
    where s.wake_at <= due and s.customer_id <> all (busy)
    order by s.wake_at limit most for update skip locked
  ) taken
  where t.customer_id = taken.customer_id and t.kind = taken.kind and t.id = taken.id
  returning t.customer_id, t.kind, t.id
$$;

-- Keeps what was taken from being taken by another while it is still being worked on. What was set to another time
-- meanwhile is no longer held.
create function control.keep_timers(owners uuid[], kinds text[], ids uuid[], held timestamptz[], until timestamptz) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update control.timers t set wake_at = until
  from unnest(owners, kinds, ids, held) as taken (customer_id, kind, id, wake_at)
  where t.customer_id = taken.customer_id and t.kind = taken.kind and t.id = taken.id and t.wake_at = taken.wake_at
$$;

revoke all on function control.put_timer(uuid, text, uuid, timestamptz), control.set_conversation_timer(),
  control.set_schedule_timer(), control.take_timers(timestamptz, timestamptz, int, uuid[]),
  control.keep_timers(uuid[], text[], uuid[], timestamptz[], timestamptz) from public;
grant execute on function control.take_timers(timestamptz, timestamptz, int, uuid[]),
  control.keep_timers(uuid[], text[], uuid[], timestamptz[], timestamptz) to gb_app;
