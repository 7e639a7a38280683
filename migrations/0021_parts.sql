-- Customers too large for one database: the logs of their channels lie in parts.
--
-- A part is a customer of its own to the databases: an id (of version 8, so that nobody takes it for a customer), and with
-- it a bucket, an epoch and the wall. It is moved from one database to another as any customer is. In it are the channels'
-- heads, messages, entries, reactions and outbox rows, and thin rows of what these refer to. Everything else stays with
-- the customer itself, "at home". docs/decisions/0011 says why.

-- In the control database, as the map: who has parts, in the order by which channels are dealt. Never changed once made.
create table control.parts (
  customer_id uuid not null,
  number int not null check (number between 0 and 255),
  part_id uuid not null unique check (substr(part_id::text, 15, 1) = '8'),
  -- `open` since every process had to notice: their map is refused until they have read this one.
  is_open boolean not null default false,
  primary key (customer_id, number)
);

comment on table control.parts is 'stays in the control database, as the map does';

create function control.read_parts() returns table (customer_id uuid, part_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select p.customer_id, p.part_id from control.parts p order by p.customer_id, p.number
$$;

-- At home, a head of this value says that the log is in a part. Whoever takes the next number from it without knowing is
-- refused, and nothing was done.
alter table gb.channel_heads add constraint channel_heads_elsewhere check (head >= 0 or head = -4503599627370496);

-- What became of transactions that wrote at home and in parts, or in several parts: they are prepared in the parts, and
-- the row that says "yes" is in the commit at home. Who finds one that was prepared and left puts a "no" where the answer
-- would be; then it can never become a "yes".
create table gb.split_decisions (
  customer_id uuid not null references gb.customers,
  transaction_id uuid not null,
  is_commit boolean not null,
  -- Where it was prepared.
  parts uuid[] not null,
  decided_at timestamptz not null default now(),
  primary key (customer_id, transaction_id)
);
select control.raise_wall('gb.split_decisions');
grant select, insert, delete on gb.split_decisions to gb_app;

revoke all on function control.read_parts() from public;
grant execute on function control.read_parts() to gb_app;
