-- The processes that run this installation, each with a row that it renews. Who lives is for the clock of this database to
-- say: those of the machines differ, and jump. Only the control database has rows here.

create table control.nodes (
  node_id uuid primary key,
  -- Processes of one host reach each other by the sockets whose paths stand in `address`.
  host_id text not null check (char_length(host_id) between 1 and 64),
  address text check (octet_length(address) between 1 and 103),
  roles text[] not null check (cardinality(roles) <= 16),
  version text not null check (char_length(version) <= 64),
  is_draining boolean not null,
  started_at timestamptz not null,
  beat_at timestamptz not null
) with (fillfactor = 50);

-- What processes prove to each other that they belong together by. One row, made once.
create table control.installation (
  is_only boolean primary key default true check (is_only),
  key bytea not null check (octet_length(key) = 32)
);
insert into control.installation (key)
select sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'));

-- Renews a node's row, or makes it, and gives everybody who lives, with whether this node did before the call. A row from
-- the future is one of before this clock was set back: whoever it belongs to renews it within a beat, if they live.
create function control.beat(
  node uuid, host text, socket text, wanted text[], program text, ending boolean, living_ms int
) returns table (
  node_id uuid, host_id text, address text, roles text[], version text, is_draining boolean, started_at timestamptz,
  was_living boolean
)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  now_is timestamptz := clock_timestamp();
  living interval := make_interval(secs => living_ms / 1000.0);
  lived boolean;
begin
  select n.beat_at between now_is - living and now_is + living into lived from control.nodes n where n.node_id = node;
  insert into control.nodes (node_id, host_id, address, roles, version, is_draining, started_at, beat_at)
  values (node, host, socket, wanted, program, ending, now_is, now_is)
  on conflict (node_id) do update set
    host_id = excluded.host_id, address = excluded.address, roles = excluded.roles, version = excluded.version,
    is_draining = excluded.is_draining, beat_at = excluded.beat_at;
  -- Those that are being renewed this very moment are left alone: waiting for each other would be a deadlock.
  delete from control.nodes n where n.node_id in (
    select o.node_id from control.nodes o
    where o.beat_at not between now_is - interval '10 minutes' and now_is + interval '10 minutes'
    for update skip locked
  );
  return query
    select n.node_id, n.host_id, n.address, n.roles, n.version, n.is_draining, n.started_at, coalesce(lived, false)
    from control.nodes n where n.beat_at between now_is - living and now_is + living
    order by n.started_at, n.node_id;
end
$$;

create function control.leave(node uuid) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  delete from control.nodes n where n.node_id = node
$$;

create function control.installation_key() returns bytea
language sql stable security definer set search_path = pg_catalog, pg_temp as 'select i.key from control.installation i';

revoke all on function control.beat(uuid, text, text, text[], text, boolean, int), control.leave(uuid),
  control.installation_key() from public;
grant execute on function control.beat(uuid, text, text, text[], text, boolean, int), control.leave(uuid),
  control.installation_key() to gb_app;
