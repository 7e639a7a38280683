-- Data of bots: tables that scripts declare, sheets nobody declared, and what bots keep under a key.
--
-- A declared table is a real table of schema gb, made while a bot is published. The application may not make tables, so
-- it asks functions of schema control, which build every statement themselves: types from a list, names of one shape,
-- the wall, and a check that the table holds rows of one customer only. Whose a table is stands in control.tables, which
-- only these functions write: what they are asked to change must belong to the customer of the transaction.

create table gb.bot_tables (
  customer_id uuid not null,
  table_id uuid not null,
  bot_id uuid not null,
  name text not null constraint bot_tables_name_length check (char_length(name) between 1 and 63),
  -- Every column it ever had, in the order they came: what was declared last of it, its name in the database, whether it is hidden.
  columns jsonb not null,
  -- Indexes and references by their names in the database.
  parts jsonb not null,
  read_by jsonb not null,
  write_by jsonb not null,
  changed_at timestamptz not null,
  primary key (customer_id, table_id),
  foreign key (customer_id, bot_id) references gb.bots
);
create unique index bot_tables_name on gb.bot_tables (customer_id, bot_id, lower(name));

create table gb.sheets (
  customer_id uuid not null,
  bot_id uuid not null,
  -- In lower case.
  key text not null constraint sheets_key_length check (char_length(key) between 1 and 200),
  name text not null constraint sheets_name_length check (char_length(name) between 1 and 200),
  columns jsonb not null,
  row_count int not null default 0,
  next_number bigint not null default 1,
  -- Of all rows as JSON: never too small, and now and then worked out again.
  bytes bigint not null default 0,
  -- Of the file its rows came from.
  digest text constraint sheets_digest_length check (char_length(digest) <= 128),
  changed_at timestamptz not null,
  primary key (customer_id, bot_id, key),
  foreign key (customer_id, bot_id) references gb.bots
);

create table gb.sheet_rows (
  customer_id uuid not null,
  bot_id uuid not null,
  key text not null,
  row_number bigint not null,
  is_imported boolean not null,
  -- As text, not taken apart: a row keeps the order of its columns.
  row json not null,
  primary key (customer_id, bot_id, key, row_number),
  foreign key (customer_id, bot_id, key) references gb.sheets
);

create table gb.bot_memory (
  customer_id uuid not null,
  bot_id uuid not null,
  kind text not null check (kind in ('bot', 'user', 'cache', 'session')),
  -- Zero where it is nobody's.
  user_id uuid not null,
  key text not null constraint bot_memory_key_length check (char_length(key) between 1 and 400),
  value json not null,
  expires_at timestamptz,
  primary key (customer_id, bot_id, kind, user_id, key),
  foreign key (customer_id, bot_id) references gb.bots
);
create index bot_memory_expiry on gb.bot_memory (customer_id, bot_id, expires_at) where expires_at is not null;

select control.raise_wall(t::regclass) from unnest(array['gb.bot_tables', 'gb.sheets', 'gb.sheet_rows', 'gb.bot_memory']) t;
grant select, insert, update on gb.bot_tables to gb_app;
grant select, insert, update, delete on gb.sheets, gb.sheet_rows, gb.bot_memory to gb_app;

-- What a text also is: the same readings as gb-utils/src/scalar-text.ts, for the cells of rows.

do $$
declare
  chosen text := 'default';
begin
  -- A database of the C locale makes only English letters small; people write others.
  if lower('É') <> 'é' then
    select quote_ident(collname) into chosen from pg_collation
    where collname in ('pg_c_utf8', 'und-x-icu', 'C.utf8', 'en_US.utf8') and collencoding in (-1, pg_char_to_encoding('UTF8'))
    order by array_position(array['pg_c_utf8', 'und-x-icu', 'C.utf8', 'en_US.utf8'], collname::text) limit 1;
  end if;
  execute format(
    'create function gb.small(given text) returns text language sql immutable parallel safe as $f$ '
    'select lower(given collate pg_catalog.%s) $f$', case when chosen = 'default' then '"default"' else coalesce(chosen, '"default"') end);
end
$$;

-- No exception is caught in here: that would cost a transaction of its own for each row that is looked at. Numbers beyond
-- 10^300 are none.
create function gb.number_of(given text) returns float8 language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
  if length(given) < 200 and given ~ '^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?0*\d{1,2})?\s*$' then
    return btrim(given, E' \t\n\r\f\v')::float8;
  end if;
  return null;
end
$$;

create function gb.number_text(given float8) returns text language sql immutable parallel safe as $$
  select case when abs(given) < 1e21 and trunc(given) = given then (given::numeric)::text else given::text end
$$;

create function gb.date_of(given text) returns timestamp language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
  part text[];
  zone text;
  found timestamp;
begin
  if given is null or length(given) > 60 or given !~ '^\s*\d' then
    return null;
  end if;
  given := btrim(given, E' \t\n\r\f\v');
  part := regexp_match(given,
    '^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt ]{1,2}(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)? ?([Zz]|[+-]\d{2}:?\d{2})?)?$');
  if part is null then
    part := regexp_match(given, '^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:,?[ Tt](\d{1,2}):(\d{2})(?::(\d{2}))?)?$');
    if part is null then
      return null;
    end if;
    part := array[part[3], part[2], part[1], part[4], part[5], part[6], null];
  end if;
  if coalesce(part[4], '0')::int > 23 or coalesce(part[5], '0')::int > 59 or coalesce(part[6], '0')::int > 59 then
    return null;
  end if;
  if part[1]::int < 1 or part[2]::int not between 1 and 12 or part[3]::int < 1 or part[3]::int >
    extract(day from make_date(part[1]::int, part[2]::int, 1) + interval '1 month - 1 day') then
    return null; -- The thirtieth of February.
  end if;
  found := make_timestamp(part[1]::int, part[2]::int, part[3]::int, coalesce(part[4], '0')::int, coalesce(part[5], '0')::int,
    coalesce(part[6], '0')::int);
  zone := replace(part[7], ':', '');
  if zone is not null and upper(zone) <> 'Z' then
    found := found - make_interval(mins => (left(zone, 1) || '1')::int * (substr(zone, 2, 2)::int * 60 + substr(zone, 4, 2)::int));
  end if;
  return found;
end
$$;

create function gb.day_of(given text) returns text language sql immutable parallel safe as $$
  select coalesce(to_char(gb.date_of(given), 'YYYY-MM-DD'), given)
$$;

create function gb.boolean_of(given text) returns boolean language sql immutable parallel safe as $$
  select case
    when word in ('true', '1', 'yes', 'sim', 'verdadeiro', 'on') then true
    when word in ('false', '0', 'no', 'não', 'nao', 'falso', 'off', '') then false
  end from (select gb.small(left(btrim(given, E' \t\n\r\f\v'), 12)) as word) w
$$;

-- A property of a value, whatever the case of its name.
create function gb.json_at(given jsonb, path text[]) returns jsonb language plpgsql immutable parallel safe set search_path = pg_catalog, gb, pg_temp as $$
declare
  part text;
begin
  foreach part in array path loop
    if given is null or jsonb_typeof(given) <> 'object' then
      return null;
    end if;
    given := coalesce(given -> part, (select e.value from jsonb_each(given) e where gb.small(e.key) = gb.small(part) limit 1));
  end loop;
  return given;
end
$$;

-- Negative, zero or positive; the order of two texts, as two people would see it.
create function gb.order_of_texts(a text, b text) returns int language plpgsql immutable parallel safe set search_path = pg_catalog, gb, pg_temp as $$
declare
  x float8 := gb.number_of(a);
  y float8 := gb.number_of(b);
  d timestamp;
  e timestamp;
begin
  if a is null or b is null then
    return null;
  end if;
  if x <> y then
    return case when x < y then -1 else 1 end;
  end if;
  d := gb.date_of(a);
  e := gb.date_of(b);
  if d is not null and e is not null then
    return case when d < e then -1 when d > e then 1 else 0 end;
  end if;
  a := gb.small(a);
  b := gb.small(b);
  return case when a collate "C" < b collate "C" then -1 when a = b then 0 else 1 end;
end
$$;

create function gb.order_of_number(a text, b float8) returns int language plpgsql immutable parallel safe set search_path = pg_catalog, gb, pg_temp as $$
declare
  x float8 := gb.number_of(a);
  written text := gb.number_text(b);
begin
  if a is null or b is null then
    return null;
  end if;
  if x is not null then
    return case when x < b then -1 when x > b then 1 else 0 end;
  end if;
  return case when a collate "C" < written collate "C" then -1 when a = written then 0 else 1 end;
end
$$;

revoke all on function gb.small(text), gb.number_of(text), gb.number_text(float8), gb.date_of(text), gb.day_of(text), gb.boolean_of(text),
  gb.json_at(jsonb, text[]), gb.order_of_texts(text, text), gb.order_of_number(text, float8) from public;
grant execute on function gb.small(text), gb.number_of(text), gb.number_text(float8), gb.date_of(text), gb.day_of(text), gb.boolean_of(text),
  gb.json_at(jsonb, text[]), gb.order_of_texts(text, text), gb.order_of_number(text, float8) to gb_app;

-- Declared tables.

create table control.tables (
  table_id uuid primary key,
  customer_id uuid not null references control.customers
);
create index tables_customer on control.tables (customer_id);

-- The name of a table of the customer of this transaction; an error for any other.
create function control.own_table(wanted uuid) returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  owner uuid := nullif(current_setting('gb.customer', true), '')::uuid;
begin
  if owner is null or not exists (select from control.tables t where t.table_id = wanted and t.customer_id = owner) then
    raise exception 'there is no such table of this customer' using errcode = '42501';
  end if;
  return 'gb.t_' || replace(wanted::text, '-', '');
end
$$;

create function control.column_name(given text) returns text language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  if given is null or given !~ '^(c_[a-z0-9_]{1,60}|row_id)$' then
    raise exception 'a column cannot have this name' using errcode = '42602';
  end if;
  return quote_ident(given);
end
$$;

create function control.column_type(given jsonb) returns text language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  size int := (given ->> 'size')::int;
  scale int := coalesce((given ->> 'scale')::int, 0);
begin
  case given ->> 'type'
    when 'text' then
      if size is null then
        return 'text';
      elsif size between 1 and 10000 then
        return format('character varying(%s)', size);
      end if;
    when 'decimal' then
      if size between 1 and 38 and scale between 0 and size then
        return format('numeric(%s,%s)', size, scale);
      end if;
    when 'integer' then return 'bigint';
    when 'bigint' then return 'bigint';
    when 'number' then return 'double precision';
    when 'boolean' then return 'boolean';
    when 'date' then return 'date';
    when 'time' then return 'time(0) without time zone';
    when 'timestamp' then return 'timestamp(0) without time zone';
    when 'uuid' then return 'uuid';
    when 'json' then return 'json';
    else null;
  end case;
  raise exception 'a column cannot have this type' using errcode = '42704';
end
$$;

-- A literal of the column's type, or what is true when the row is made.
create function control.column_default(given jsonb) returns text language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  kind text := control.column_type(given);
  wanted jsonb := given -> 'default';
begin
  if wanted is null or jsonb_typeof(wanted) = 'null' then
    return null;
  elsif jsonb_typeof(wanted) = 'string' then
    if length(wanted #>> '{}') > 1000 then
      raise exception 'a default is too long' using errcode = '22001';
    end if;
    return format('%L::%s', wanted #>> '{}', kind);
  elsif wanted = '{"made": "now"}' and given ->> 'type' in ('timestamp', 'date', 'time') then
    return format('(now() at time zone ''UTC'')::%s', kind);
  elsif wanted = '{"made": "uuid"}' and given ->> 'type' in ('uuid', 'text') then
    return format('gen_random_uuid()::%s', kind);
  end if;
  raise exception 'a column cannot have this default' using errcode = '42601';
end
$$;

create function control.column_definition(given jsonb) returns text language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  made text := control.column_default(given);
begin
  return format('%s %s', control.column_name(given ->> 'name'), control.column_type(given))
    || case when made is null then '' else ' default ' || made end
    || case when (given ->> 'isRequired')::boolean then ' not null' else '' end;
end
$$;

-- Columns after customer_id, which every list begins with: at most ten, none twice.
create function control.column_list(given text[]) returns text language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  listed text;
begin
  if cardinality(given) not between 1 and 10 or cardinality(given) <> (select count(distinct n) from unnest(given) n) then
    raise exception 'a key or an index has one to ten columns' using errcode = '54011';
  end if;
  select string_agg(control.column_name(n), ', ' order by o) into listed from unnest(given) with ordinality as u (n, o);
  return 'customer_id, ' || listed;
end
$$;

create function control.make_table(new_id uuid, columns jsonb, key text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  owner uuid := nullif(current_setting('gb.customer', true), '')::uuid;
  target text := 'gb.t_' || replace(new_id::text, '-', '');
  listed text;
begin
  if owner is null then
    raise exception 'a table belongs to a customer' using errcode = '42501';
  end if;
  if jsonb_typeof(columns) <> 'array' or jsonb_array_length(columns) not between 1 and 100 then
    raise exception 'a table has 1 to 100 columns' using errcode = '54011';
  end if;
  -- Two who make tables at once must not both find room.
  perform pg_advisory_xact_lock(hashtextextended('tables ' || owner::text, 0));
  if (select count(*) from control.tables t where t.customer_id = owner) >= 200 then
    raise exception 'a customer has at most 200 tables' using errcode = '54000';
  end if;
  insert into control.tables (table_id, customer_id) values (new_id, owner);
  select string_agg(control.column_definition(c), ', ' order by o) into listed from jsonb_array_elements(columns) with ordinality as u (c, o);
  execute format(
    'create table %s (customer_id uuid not null check (customer_id = %L), row_id bigint generated always as identity, %s, primary key (%s))',
    target, owner, listed, control.column_list(case when cardinality(key) > 0 then key else array['row_id'] end));
  if cardinality(key) > 0 then
    execute format('create unique index on %s (customer_id, row_id)', target);
  end if;
  perform control.raise_wall(target::regclass);
  execute format('grant select, insert, update, delete on %s to gb_app', target);
end
$$;

create function control.add_column(target_id uuid, given jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  target text := control.own_table(target_id);
begin
  -- Columns that are gone count too: PostgreSQL has room for 1600 in all, and a row for fewer.
  if (select count(*) from pg_attribute a where a.attrelid = target::regclass and a.attnum > 0) >= 300 then
    raise exception 'a table has too many columns' using errcode = '54011';
  end if;
  execute format('alter table %s add column %s', target, control.column_definition(given));
end
$$;

-- To another type, default and requirement. Whether the type is wider is for whoever asks to know: it is their data.
create function control.change_column(target_id uuid, given jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  target text := control.own_table(target_id);
  named text := control.column_name(given ->> 'name');
  wanted text := control.column_type(given);
  made text := control.column_default(given);
  present oid := (select a.atttypid from pg_attribute a where a.attrelid = target::regclass and a.attname = given ->> 'name' and not a.attisdropped);
  present_type text := (select format_type(a.atttypid, a.atttypmod) from pg_attribute a
    where a.attrelid = target::regclass and a.attname = given ->> 'name' and not a.attisdropped);
begin
  if given ->> 'name' = 'row_id' or present is null then
    raise exception 'there is no such column' using errcode = '42703';
  end if;
  execute format('alter table %s alter %s drop default', target, named);
  if present_type <> wanted then
    execute format('alter table %s alter %s type %s using %s', target, named, wanted,
      case when present = 'timestamp'::regtype and given ->> 'type' = 'text'
        then format('to_char(%s, ''YYYY-MM-DD HH24:MI:SS'')', named) else format('%s::%s', named, wanted) end);
  end if;
  if made is not null then
    execute format('alter table %s alter %s set default %s', target, named, made);
  end if;
  execute format('alter table %s alter %s %s not null', target, named,
    case when (given ->> 'isRequired')::boolean then 'set' else 'drop' end);
end
$$;

create function control.part_name(target_id uuid, number int) returns text language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  if number is null or number not between 1 and 10000 then
    raise exception 'a part of a table has a number' using errcode = '22003';
  end if;
  return format('t_%s_%s', replace(target_id::text, '-', ''), number);
end
$$;

-- Texts are found in any case, so that is how an index that is not unique holds them; only by their first columns, since an
-- index has no room for long ones.
create function control.add_index(target_id uuid, number int, columns text[], is_unique boolean) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  target text := control.own_table(target_id);
  listed text := control.column_list(columns);
begin
  if (select count(*) from pg_index i where i.indrelid = target::regclass) >= 32 then
    raise exception 'a table has too many indexes' using errcode = '54011';
  end if;
  if not is_unique then
    select 'customer_id, ' || string_agg(
      case when a.atttypid in ('text'::regtype, 'varchar'::regtype) then format('left(gb.small(%I), 200)', u.n) else format('%I', u.n) end, ', ' order by o)
    into listed from unnest(columns) with ordinality as u (n, o)
    join pg_attribute a on a.attrelid = target::regclass and a.attname = u.n and not a.attisdropped;
  end if;
  execute format('create %s index %I on %s (%s)', case when is_unique then 'unique' else '' end,
    control.part_name(target_id, number), target, listed);
end
$$;

create function control.add_reference(target_id uuid, number int, own_column text, other_id uuid, other_column text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  target text := control.own_table(target_id);
  other text := control.own_table(other_id);
begin
  execute format('alter table %s add constraint %I foreign key (%s) references %s (%s)', target, control.part_name(target_id, number),
    control.column_list(array[own_column]), other, control.column_list(array[other_column]));
end
$$;

create function control.drop_part(target_id uuid, number int) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  target text := control.own_table(target_id);
  named text := control.part_name(target_id, number);
begin
  if exists (select from pg_constraint k where k.conrelid = target::regclass and k.conname = named) then
    execute format('alter table %s drop constraint %I', target, named);
  else
    execute format('drop index if exists gb.%I', named);
  end if;
end
$$;

revoke all on function control.own_table(uuid), control.column_name(text), control.column_type(jsonb), control.column_default(jsonb),
  control.column_definition(jsonb), control.column_list(text[]), control.make_table(uuid, jsonb, text[]), control.add_column(uuid, jsonb),
  control.change_column(uuid, jsonb), control.part_name(uuid, int), control.add_index(uuid, int, text[], boolean),
  control.add_reference(uuid, int, text, uuid, text), control.drop_part(uuid, int) from public;
grant execute on function control.make_table(uuid, jsonb, text[]), control.add_column(uuid, jsonb), control.change_column(uuid, jsonb),
  control.add_index(uuid, int, text[], boolean), control.add_reference(uuid, int, text, uuid, text), control.drop_part(uuid, int) to gb_app;
