-- A clock that is set back lets nothing wait that was due, and what somebody changed in a waiting conversation by hand.

-- Whether somebody took it: then the time is when they are believed dead, and no more than some seconds away. One that is
-- much further away was taken before the clock was set back.
alter table control.timers add column is_held boolean not null default false;
create index timers_held on control.timers (wake_at) where is_held;

create or replace function control.put_timer(owner uuid, subject_kind text, subject uuid, at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if at is null then
    delete from control.timers t where t.customer_id = owner and t.kind = subject_kind and t.id = subject;
  else
    insert into control.timers (customer_id, kind, id, wake_at) values (owner, subject_kind, subject, at)
    on conflict (customer_id, kind, id) do update set wake_at = excluded.wake_at, is_held = false;
  end if;
end
$$;

create or replace function control.take_timers(due timestamptz, until timestamptz, most int, busy uuid[])
returns table (customer_id uuid, kind text, id uuid)
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update control.timers t set wake_at = due
  from (
    select s.customer_id, s.kind, s.id from control.timers s
    where s.is_held and s.wake_at > greatest(due, until) + interval '1 minute'
    for update skip locked
  ) lost
  where t.customer_id = lost.customer_id and t.kind = lost.kind and t.id = lost.id;
  update control.timers t set wake_at = until, is_held = true
  from (
    select s.customer_id, s.kind, s.id from control.timers s
    where s.wake_at <= due and s.customer_id <> all (busy)
    order by s.wake_at limit most for update skip locked
  ) taken
  where t.customer_id = taken.customer_id and t.kind = taken.kind and t.id = taken.id
  returning t.customer_id, t.kind, t.id
$$;

-- Variables that somebody changed in a waiting conversation, after which turn, with what was in them before. The next
-- turn of the journal begins with the snapshot they are in.
create table gb.bot_edits (
  customer_id uuid not null,
  conversation_id uuid not null,
  edit_id uuid not null,
  bot_id uuid not null,
  turn int not null,
  at timestamptz not null,
  user_id uuid not null,
  -- What was changed: [{"target", "before", "after"}, ...], values as a debugger shows them.
  changes json not null,
  primary key (customer_id, conversation_id, edit_id),
  foreign key (customer_id, bot_id) references gb.bots,
  foreign key (customer_id, user_id) references gb.users
);
create index bot_edits_age on gb.bot_edits (customer_id, at);
select control.raise_wall('gb.bot_edits');
grant select, insert, delete on gb.bot_edits to gb_app;
