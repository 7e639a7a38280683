-- One database among several: which customers are here.
--
-- Customers are dealt into 1,024 buckets by their id, and a bucket is in one database at a time. Which one is in the map of
-- the control database; each database knows of its own buckets since which epoch it has them. Whoever opens a transaction
-- says the epoch it believes in: a map that is out of date is refused here and not found out later.

-- The map. Only the control database has rows in these two.
create table control.shards (
  shard text primary key check (shard ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  state text not null default 'open' check (state in ('open', 'draining')),
  added_at timestamptz not null default now()
);
create table control.bucket_map (
  bucket int primary key check (bucket between 0 and 1023),
  shard text not null references control.shards,
  epoch bigint not null check (epoch >= 1)
);

-- What this database has. Without rows it is the only one, and nobody asks.
create table control.buckets (
  bucket int primary key check (bucket between 0 and 1023),
  epoch bigint not null check (epoch >= 1),
  -- `closed`: on its way elsewhere, or gone.
  state text not null check (state in ('open', 'closed'))
);

-- The last ten bits, which are random in the ids we make.
create function control.bucket_of(owner uuid) returns int
language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select (('x' || right(owner::text, 3))::bit(12)::int) & 1023
$$;

-- Whoever moves a bucket takes this lock alone: it waits for transactions that write, and those that come wait for it.
create function control.bucket_lock() returns int language sql immutable set search_path = pg_catalog, pg_temp as 'select 4762003';

-- Opens a transaction for a customer. Refused with GB001 when its bucket is not here, or of another epoch. Who only reads
-- takes no lock: what it sees is of one instant, and nothing was written elsewhere before that instant.
create function control.enter(owner uuid, known bigint, only_reads boolean) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  here bigint;
begin
  if not only_reads then
    perform pg_advisory_xact_lock_shared(control.bucket_lock(), control.bucket_of(owner));
  end if;
  select b.epoch into here from control.buckets b where b.bucket = control.bucket_of(owner) and b.state = 'open';
  if here is distinct from known then
    raise exception 'the bucket of customer % is not here in epoch %', owner, known using errcode = 'GB001';
  end if;
  perform set_config('gb.customer', owner::text, true);
end
$$;

-- The same for a batch of several customers, each with the epoch believed in. Gives the customers back, so that what is
-- called with them is called afterwards.
create function control.enter_all(owners uuid[], known bigint[]) returns uuid[]
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  -- In one order, for everybody.
  perform pg_advisory_xact_lock_shared(control.bucket_lock(), wanted.bucket)
  from (select distinct control.bucket_of(o) as bucket from unnest(owners) o order by 1) wanted;
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

create function control.read_bucket_map() returns table (bucket int, shard text, epoch bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select m.bucket, m.shard, m.epoch from control.bucket_map m order by m.bucket
$$;

revoke all on function control.bucket_of(uuid), control.bucket_lock(), control.enter(uuid, bigint, boolean),
  control.enter_all(uuid[], bigint[]), control.read_bucket_map() from public;
grant execute on function control.bucket_of(uuid), control.bucket_lock(), control.enter(uuid, bigint, boolean),
  control.enter_all(uuid[], bigint[]), control.read_bucket_map() to gb_app;
