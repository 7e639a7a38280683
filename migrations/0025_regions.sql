-- A copy of this database in another region, and who of the two may be written.
--
-- The copy is a streaming standby. When the region of the primary is gone, the standby is promoted; when it was only cut
-- off, there are two databases then that believe to be the one. So a primary that has a copy may be written only under a
-- lease, which the copy renews by acknowledging what it received. A server that was promoted acknowledges nothing any more:
-- when it has waited for as long as a lease lasts, the other one refuses all writers, by its own clock.

-- Without a row nobody asks: there is one region.
create table control.region (
  one boolean primary key default true check (one),
  region text not null check (region ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  -- Grows with each promotion. Of two databases that are not in recovery, the one with the higher term counts.
  term bigint not null default 1 check (term >= 1),
  -- PostgreSQL begins another timeline whenever it is promoted, by whomever: with another one than this it refuses all
  -- writers until somebody says that the other database is no more. Restarts and crashes keep the timeline.
  timeline text not null check (timeline ~ '^[0-9A-F]{8}$'),
  -- As the copy calls itself (its `application_name`). Null: there is none, and no lease is asked for.
  standby text check (standby ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  lease_ms int not null default 15000 check (lease_ms between 1000 and 600000),
  -- The copy is about to be let go: when it has heard of that, no lease is asked for any more.
  is_parting boolean not null default false,
  -- On its way to the other region, in order: takes no more writers.
  is_closed boolean not null default false,
  -- All by this database's clock. What the copy is to acknowledge was written after `asked_at` and is behind `asked_lsn`.
  asked_at timestamptz,
  asked_lsn pg_lsn,
  seen_at timestamptz not null default '-infinity',
  held_from timestamptz not null default '-infinity',
  held_until timestamptz not null default '-infinity'
);

-- Null on a standby.
create function control.timeline() returns text
language sql volatile set search_path = pg_catalog, pg_temp as $$
  select case when pg_is_in_recovery() then null else left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) end
$$;

-- For how many milliseconds this database may still be written; null where nothing ends it. Refused with GB005 when it may not.
create function control.lease_left() returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  r control.region;
  now_is timestamptz := clock_timestamp();
begin
  select * into r from control.region;
  if not found then
    return null;
  end if;
  if r.timeline is distinct from control.timeline() then
    raise exception 'this database is a copy, or was promoted and not opened' using errcode = 'GB005';
  end if;
  if r.is_closed then
    raise exception 'this database is being handed over to another region' using errcode = 'GB005';
  end if;
  if r.standby is null then
    return null;
  end if;
  -- Before `held_from`, the clock went back.
  if now_is < r.held_from or now_is >= r.held_until then
    raise exception 'the copy % has not acknowledged anything for too long', r.standby using errcode = 'GB005';
  end if;
  return ceil(extract(epoch from r.held_until - now_is) * 1000);
end
$$;

-- Asked again and again by whoever is there, at least six times in a lease; from whom it comes does not matter.
create function control.renew_lease() returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  r control.region;
  now_is timestamptz;
  lease interval;
  copies int;
  has pg_lsn;
begin
  if pg_is_in_recovery() then
    return;
  end if;
  select * into r from control.region g
  where g.standby is not null and not g.is_closed and g.timeline = control.timeline() for update skip locked;
  if not found then
    return;
  end if;
  now_is := clock_timestamp();
  lease := r.lease_ms * interval '1 millisecond';
  if now_is >= r.seen_at and now_is < r.seen_at + lease / 20 then
    return; -- Somebody else asked a moment ago.
  end if;
  select count(*), min(s.flush_lsn) into copies, has from pg_stat_replication s where s.application_name = r.standby;
  if now_is < r.seen_at then
    -- The clock went back: what was held by it is over, and what was asked is asked again.
    r.held_from := '-infinity';
    r.held_until := '-infinity';
    r.asked_at := null;
  elsif r.asked_at is not null and copies = 1 and has > r.asked_lsn then
    -- It has what was written after we asked, so it was a copy of ours after we asked.
    r.held_from := r.asked_at;
    r.held_until := r.asked_at + lease;
    r.asked_at := null;
  end if;
  if now_is >= r.held_until then
    r.held_until := '-infinity'; -- A clock that goes back later does not bring it back.
  end if;
  if r.asked_at is null then
    r.asked_at := now_is;
    r.asked_lsn := pg_current_wal_insert_lsn(); -- Behind it comes this change, at least.
  end if;
  update control.region g set asked_at = r.asked_at, asked_lsn = r.asked_lsn, seen_at = now_is,
    held_from = r.held_from, held_until = r.held_until;
end
$$;

-- What a process wants to know of a database before it believes it.
create function control.standing()
returns table (system text, region text, term bigint, is_standby boolean, is_opened boolean, is_closed boolean, standby text,
  is_parting boolean, lease_ms int)
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  select s.system_identifier::text, r.region, r.term, pg_is_in_recovery(), coalesce(r.timeline = control.timeline(), false),
    coalesce(r.is_closed, false), r.standby, coalesce(r.is_parting, false), r.lease_ms
  from pg_control_system() s left join control.region r on true
$$;

-- Who enters has to be let in by the region, too.
create or replace function control.enter(owner uuid, known bigint, only_reads boolean) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  here bigint;
begin
  if not only_reads then
    perform pg_advisory_xact_lock_shared(control.bucket_lock(), control.bucket_of(owner));
    -- After the lock: who hands the database over closes it first, and then takes every lock once.
    perform control.lease_left();
  end if;
  select b.epoch into here from control.buckets b where b.bucket = control.bucket_of(owner) and b.state = 'open';
  if here is distinct from known then
    raise exception 'the bucket of customer % is not here in epoch %', owner, known using errcode = 'GB001';
  end if;
  perform set_config('gb.customer', owner::text, true);
end
$$;

create or replace function control.enter_all(owners uuid[], known bigint[]) returns uuid[]
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  -- In one order, for everybody.
  perform pg_advisory_xact_lock_shared(control.bucket_lock(), wanted.bucket)
  from (select distinct control.bucket_of(o) as bucket from unnest(owners) o order by 1) wanted;
  perform control.lease_left();
  if exists (
    select from unnest(owners, known) as w (owner, epoch)
    left join control.buckets b on b.bucket = control.bucket_of(w.owner) and b.state = 'open'
    where b.epoch is distinct from w.epoch
  ) then
    raise exception 'a bucket of the batch is not here' using errcode = 'GB001';
  end if;
  return owners;
end
$$;

-- A database that may not be written does not give buckets away either, nor does its map change.
create function control.guard_buckets() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform control.lease_left();
  return coalesce(new, old);
end
$$;
create trigger guard before insert or update or delete on control.buckets for each row execute function control.guard_buckets();
create trigger guard before insert or update or delete on control.bucket_map for each row execute function control.guard_buckets();

-- After a promotion that may have lost something: the numbers that come now may have been given to other entries before, so
-- nobody may go on from where they were. Gives how many channels there are.
create function control.raise_channel_epochs() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  owner uuid;
  raised bigint := 0;
  here bigint;
begin
  for owner in select c.customer_id from control.customers c loop
    perform set_config('gb.customer', owner::text, true);
    update gb.channel_heads set epoch = epoch + 1 where customer_id = owner;
    get diagnostics here = row_count;
    raised := raised + here;
  end loop;
  perform set_config('gb.customer', '', true);
  return raised;
end
$$;

revoke all on function control.timeline(), control.lease_left(), control.renew_lease(), control.standing(),
  control.guard_buckets(), control.raise_channel_epochs() from public;
grant execute on function control.lease_left(), control.renew_lease(), control.standing() to gb_app;
