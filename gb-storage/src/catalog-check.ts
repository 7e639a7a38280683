import type { ClientBase } from 'pg';

/** A place where the catalogue breaks a rule of the wall between customers. */
export interface CatalogDefect {
  readonly defect: string;
  readonly object: string;
}

/** The one policy there is, as PostgreSQL prints it (versions differ in the alias). */
const customerPolicy = String.raw`^\(customer_id = \( SELECT \(NULLIF\(current_setting\('gb\.customer'::text, true\), ''::text\)\)::uuid( AS "?nullif"?)?\)\)$`;

/**
 * Each row is a defect. Run after every migration: a table that was forgotten shows up here, not in another customer's
 * browser. `parts` are partitions: they carry the wall too, and nobody but the owner may touch them.
 */
const query = `
with tables as (
  select c.oid, c.oid::regclass::text as name, c.relispartition as is_part, c.relrowsecurity, c.relforcerowsecurity, c.relkind, c.relowner, c.relacl
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'gb' and c.relkind in ('r', 'p')
), roles as (
  select oid, rolname from pg_roles where rolname in ('gb_app', 'gb_relay')
), relations as (
  select c.oid, c.oid::regclass::text as name, n.nspname, c.relkind, c.relispartition as is_part, c.relowner, c.relacl, c.reloptions
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('gb', 'control') and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
)
select 'row-level security is off' as defect, t.name as object from tables t where not t.relrowsecurity
union all
select 'row-level security is not forced', t.name from tables t where not t.relforcerowsecurity
union all
select 'the primary key does not start with customer_id', t.name from tables t
  where not exists (
    select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = t.oid and i.indisprimary and a.attname = 'customer_id')
union all
select 'customer_id is not a uuid', t.name from tables t
  where not exists (
    select from pg_attribute a where a.attrelid = t.oid and a.attname = 'customer_id' and a.attnotnull and a.atttypid = 'uuid'::regtype)
union all
select 'the customer policy is missing or not the customer policy', t.name from tables t
  where not exists (
    select from pg_policy p
    where p.polrelid = t.oid and p.polname = 'customer' and p.polpermissive and p.polcmd = '*' and p.polroles = '{0}'
      and pg_get_expr(p.polqual, p.polrelid) ~ $1 and pg_get_expr(p.polwithcheck, p.polrelid) ~ $1)
union all
select 'a policy opens the wall', p.polrelid::regclass::text || ': ' || p.polname from pg_policy p join tables t on t.oid = p.polrelid
  where p.polname <> 'customer'
    and not (p.polname = 'relay' and t.name in ('gb.outbox', 'gb.dead_letters')
      and p.polroles = array(select r.oid from roles r where r.rolname = 'gb_relay'))
union all
-- Its name may be known to others: the wall hides its rows from them, and this keeps theirs out.
select 'a table of a bot takes rows of any customer', t.name from tables t
  where t.name ~ '^gb\\.t_[0-9a-f]{32}$' and not exists (
    select from pg_constraint k where k.conrelid = t.oid and k.contype = 'c'
      and pg_get_constraintdef(k.oid) ~ '^CHECK \\(\\(customer_id = ''[0-9a-f-]{36}''::uuid\\)\\)$')
union all
select 'a foreign key does not carry customer_id', k.conrelid::regclass::text || ': ' || k.conname
  from pg_constraint k join tables t on t.oid = k.conrelid
  where k.contype = 'f' and not exists (
    select from unnest(k.conkey, k.confkey) as pair (own, other)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.own
    join pg_attribute b on b.attrelid = k.confrelid and b.attnum = pair.other
    where a.attname = 'customer_id' and b.attname = 'customer_id')
union all
select 'a unique index does not carry customer_id', i.indexrelid::regclass::text from pg_index i join tables t on t.oid = i.indrelid
  where i.indisunique and not exists (
    select from unnest(i.indkey::int2[]) as part (attnum)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = part.attnum where a.attname = 'customer_id')
union all
select 'a role of the server is too strong', r.rolname from pg_roles r
  where r.rolname in ('gb_app', 'gb_relay') and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication)
union all
select 'a role of the server is a member of another', m.member::regrole::text || ' of ' || m.roleid::regrole::text
  from pg_auth_members m join roles r on r.oid = m.member
union all
select 'a role of the server owns something', c.name from relations c join roles r on r.oid = c.relowner
union all
select 'a role of the server owns a function', p.oid::regprocedure::text from pg_proc p join roles r on r.oid = p.proowner
union all
select 'a role of the server owns or may create in a schema', n.nspname || ': ' || r.rolname from pg_namespace n cross join roles r
  where n.nspname in ('gb', 'control', 'public') and (n.nspowner = r.oid or has_schema_privilege(r.oid, n.oid, 'create') and n.nspname <> 'public')
union all
select 'a right on a partition', c.name || ': ' || a.grantee::regrole::text from relations c cross join lateral aclexplode(c.relacl) a
  where c.is_part and a.grantee <> c.relowner
union all
select 'a right everybody has', c.name from relations c cross join lateral aclexplode(c.relacl) a where a.grantee = 0
union all
select 'a right that looks or reaches past the wall', c.name || ': ' || a.grantee::regrole::text || ' may ' || lower(a.privilege_type)
  from relations c cross join lateral aclexplode(c.relacl) a join roles r on r.oid = a.grantee
  where a.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')
union all
select 'a right on the directory', c.name || ': ' || a.grantee::regrole::text
  from relations c cross join lateral aclexplode(c.relacl) a join roles r on r.oid = a.grantee where c.nspname = 'control'
union all
select 'the application reads the outbox, or the relay something else', c.name || ': ' || r.rolname || ' may ' || lower(a.privilege_type)
  from relations c cross join lateral aclexplode(c.relacl) a join roles r on r.oid = a.grantee
  where (r.rolname = 'gb_relay' and (c.name, a.privilege_type) not in
      (('gb.outbox', 'SELECT'), ('gb.outbox', 'DELETE'), ('gb.dead_letters', 'SELECT'), ('gb.dead_letters', 'INSERT')))
    or (r.rolname = 'gb_app' and (c.name = 'gb.outbox' and a.privilege_type <> 'INSERT' or c.name = 'gb.dead_letters'))
union all
select 'a view looks with its owner''s eyes', c.name from relations c
  where c.relkind = 'm' or c.relkind = 'f' or c.relkind = 'v' and not coalesce(c.reloptions @> array['security_invoker=true'], false)
union all
select 'a function acts with its owner''s rights', p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname = 'gb' and p.prosecdef
union all
select 'a function with its owner''s rights has no fixed search_path', p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname = 'control' and p.prosecdef and not coalesce(exists (select from unnest(p.proconfig) s where s like 'search_path=pg_catalog%'), false)
union all
select 'everybody may run a function', p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname in ('gb', 'control') and (p.proacl is null or exists (select from aclexplode(p.proacl) a where a.grantee = 0))
order by 1, 2`;

/** Empty when the wall stands. For a connection that may read the catalogue: any may. */
export async function catalogDefects(client: ClientBase): Promise<readonly CatalogDefect[]> {
  // Names are compared with their schema: the search path must not shorten them.
  await client.query('set search_path = pg_catalog');
  return (await client.query<{ defect: string; object: string }>(query, [customerPolicy])).rows;
}
