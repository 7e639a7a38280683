-- Roles, the wall between customers, and the directory that finds a log-in.
--
-- The wall: every table of schema gb has customer_id first in its primary key and row-level security forced on it, so a
-- statement sees the rows of the one customer named by the transaction-local setting gb.customer, and none while it is
-- unset. Foreign keys carry customer_id, because the checks behind them look past row-level security.

-- Roles belong to the cluster, not to the database: somebody may have made them already, with a log-in of their own.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['gb_app', 'gb_relay'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      execute format('create role %I nologin nosuperuser nocreatedb nocreaterole nobypassrls', wanted);
      -- So that one log-in can migrate, and then serve as the weaker role.
      execute format('grant %I to session_user', wanted);
    end if;
  end loop;
end
$$;

create schema gb;
revoke all on schema gb from public;
revoke all on schema control from public;
grant usage on schema gb to gb_app, gb_relay;
grant usage on schema control to gb_app;

-- Called for each new table of schema gb, by the migration that makes it.
create function control.raise_wall(target regclass) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  part regclass;
begin
  for part in select target union all select inhrelid::regclass from pg_inherits where inhparent = target loop
    execute format('alter table %s enable row level security', part);
    execute format('alter table %s force row level security', part);
    -- The scalar sub-select is evaluated once a statement; an unset customer compares to null: no rows.
    execute format(
      'create policy customer on %s using (customer_id = (select nullif(current_setting(''gb.customer'', true), '''')::uuid)) '
      'with check (customer_id = (select nullif(current_setting(''gb.customer'', true), '''')::uuid))', part);
  end loop;
end
$$;
revoke all on function control.raise_wall(regclass) from public;

create table gb.customers (
  customer_id uuid primary key,
  name text not null constraint customers_name_length check (char_length(name) between 1 and 200),
  subscription_tier text not null default 'free',
  status text not null default 'active' check (status in ('active', 'suspended', 'closed')),
  max_instances int not null default 1 check (max_instances >= 1),
  created_at timestamptz not null
);

-- Departments: a tree. The one without a parent carries the customer's name.
create table gb.organizations (
  customer_id uuid not null references gb.customers,
  organization_id uuid not null,
  parent_id uuid,
  name text not null constraint organizations_name_length check (char_length(name) between 1 and 200),
  created_at timestamptz not null,
  primary key (customer_id, organization_id),
  foreign key (customer_id, parent_id) references gb.organizations
);

create table gb.instances (
  customer_id uuid not null,
  instance_id uuid not null,
  organization_id uuid not null,
  name text not null constraint instances_name_length check (char_length(name) between 1 and 200),
  created_at timestamptz not null,
  primary key (customer_id, instance_id),
  foreign key (customer_id, organization_id) references gb.organizations
);

create table gb.users (
  customer_id uuid not null references gb.customers,
  user_id uuid not null,
  kind text not null check (kind in ('person', 'bot')),
  name text not null constraint users_name_length check (char_length(name) between 1 and 200),
  handle text not null constraint users_handle_length check (char_length(handle) between 1 and 200),
  role text not null check (role in ('owner', 'admin', 'member', 'guest', 'bot')),
  is_active boolean not null default true,
  email text constraint users_email_length check (char_length(email) between 1 and 254),
  password_hash text,
  locale text not null,
  created_at timestamptz not null,
  primary key (customer_id, user_id)
);
create unique index users_handle on gb.users (customer_id, lower(handle));
create unique index users_email on gb.users (customer_id, lower(email)) where email is not null;

create table gb.sessions (
  customer_id uuid not null,
  session_id uuid not null,
  user_id uuid not null,
  token_hash bytea not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  user_agent text not null constraint sessions_user_agent_length check (char_length(user_agent) <= 1000),
  primary key (customer_id, session_id),
  foreign key (customer_id, user_id) references gb.users
);
create unique index sessions_token on gb.sessions (customer_id, token_hash);
create index sessions_user on gb.sessions (customer_id, user_id);

create table gb.invitations (
  customer_id uuid not null,
  code_hash bytea not null,
  code text not null,
  role text not null check (role in ('admin', 'member', 'guest')),
  created_by uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  uses_max int not null check (uses_max >= 1),
  uses int not null default 0 check (uses between 0 and uses_max),
  primary key (customer_id, code_hash),
  foreign key (customer_id, created_by) references gb.users
);

create table gb.audit_entries (
  customer_id uuid not null references gb.customers,
  audit_id bigint generated always as identity,
  at timestamptz not null,
  actor_id uuid,
  action text not null,
  target text not null,
  facts jsonb not null,
  primary key (customer_id, audit_id)
);

select control.raise_wall(t::regclass) from unnest(array[
  'gb.customers', 'gb.organizations', 'gb.instances', 'gb.users', 'gb.sessions', 'gb.invitations', 'gb.audit_entries'
]) t;

grant select, insert on gb.customers, gb.organizations, gb.instances, gb.audit_entries to gb_app;
grant select, insert, update on gb.users to gb_app;
grant select, insert, update, delete on gb.sessions, gb.invitations to gb_app;

-- The directory: what must be known before there is a session, and so before there is a customer. Filled by triggers,
-- so that it cannot drift from the tables; read only through the two functions, which tell no more than their name says.
create table control.customers (
  customer_id uuid primary key,
  organization_name text not null
);

create table control.logins (
  customer_id uuid not null references control.customers,
  user_id uuid not null,
  email text not null,
  primary key (customer_id, user_id)
);
create index logins_email on control.logins (email);

create function control.file_organization() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.parent_id is null then
    insert into control.customers (customer_id, organization_name) values (new.customer_id, new.name)
    on conflict (customer_id) do update set organization_name = excluded.organization_name;
  end if;
  return null;
end
$$;

create function control.file_login() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.email is not null and new.is_active then
    insert into control.logins (customer_id, user_id, email) values (new.customer_id, new.user_id, lower(new.email))
    on conflict (customer_id, user_id) do update set email = excluded.email;
  else
    delete from control.logins l where l.customer_id = new.customer_id and l.user_id = new.user_id;
  end if;
  return null;
end
$$;

create function control.find_logins(wanted text) returns table (customer_id uuid, user_id uuid, organization_name text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select l.customer_id, l.user_id, c.organization_name
  from control.logins l join control.customers c on c.customer_id = l.customer_id
  where l.email = lower(wanted)
  order by l.customer_id
  limit 100
$$;

create function control.list_customers() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select c.customer_id from control.customers c order by c.customer_id
$$;

revoke all on all functions in schema control from public;
grant execute on function control.find_logins(text), control.list_customers() to gb_app;

create trigger file_organization after insert or update of name on gb.organizations
  for each row execute function control.file_organization();
create trigger file_login after insert or update of email, is_active on gb.users
  for each row execute function control.file_login();
