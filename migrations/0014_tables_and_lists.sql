-- What bots keep in tables, and the list of their conversations.

-- The list is asked for by kind and status, the last active first; without a status it is put together of all of them.
drop index gb.conversations_activity;
create index conversations_activity on gb.conversations (customer_id, bot_id, kind, status, updated_at, conversation_id);

-- Numbers that are given one by one: of a key, and of columns that count on. A sequence gives each once, whoever asks and
-- whatever becomes of their transactions, so nobody waits for anybody's commit; a transaction that is undone leaves a hole.
-- A sequence belongs to the owner of its table and nobody is granted it: the functions below are the only way there.

create function control.sequence_of(target text, named text) returns text language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return pg_get_serial_sequence(target, named);
end
$$;

-- Lets a column count on from the highest number there is. Doing it again changes nothing.
create function control.count_column(target_id uuid, named text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  target text := control.own_table(target_id);
  owner uuid := current_setting('gb.customer')::uuid;
  checked text := control.column_name(named);
  number int;
  highest bigint;
begin
  select a.attnum into number from pg_attribute a
  where a.attrelid = target::regclass and a.attname = named and a.atttypid = 'bigint'::regtype and not a.attisdropped;
  if number is null or named = 'row_id' then
    raise exception 'only whole numbers are counted' using errcode = '42804';
  end if;
  if control.sequence_of(target, named) is not null then
    return;
  end if;
  -- Nobody adds a row between the look for the highest number and the end of this transaction.
  execute format('lock table %s in share row exclusive mode', target);
  execute format('create sequence gb.%I as bigint minvalue 1 maxvalue 9007199254740991 owned by %s.%s',
    format('t_%s_n%s', replace(target_id::text, '-', ''), number), target, checked);
  execute format('select max(%s) from %s where customer_id = $1', checked, target) into highest using owner;
  if highest between 1 and 9007199254740991 then
    perform setval(control.sequence_of(target, named), highest);
  end if;
end
$$;

-- The next so many numbers of a column. Who gives numbers and who moves the sequence on keep out of each other's way for
-- the moment this takes, not for their transactions: moving it back by a hair would give numbers twice.
create function control.next_numbers(target_id uuid, named text, wanted int) returns bigint[]
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  target text := control.own_table(target_id);
  sequence text := control.sequence_of(target, named);
  lock_key bigint := hashtextextended('numbers ' || target || named, 0);
  numbers bigint[];
begin
  if sequence is null or wanted not between 1 and 10000 then
    raise exception 'this column is not counted' using errcode = '42704';
  end if;
  begin
    perform pg_advisory_lock_shared(lock_key);
    select array_agg(nextval(sequence)) into numbers from generate_series(1, wanted);
  exception when others or query_canceled then
    -- Locks of a session outlive the transaction. One that was not got yet is only warned of.
    perform pg_advisory_unlock_shared(lock_key);
    raise;
  end;
  perform pg_advisory_unlock_shared(lock_key);
  return numbers;
end
$$;

-- Lets a column count on behind a number somebody gave themselves; never back.
create function control.number_taken(target_id uuid, named text, given bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  target text := control.own_table(target_id);
  sequence text := control.sequence_of(target, named);
  lock_key bigint := hashtextextended('numbers ' || target || named, 0);
  reached bigint;
begin
  if sequence is null or given is null or given < 1 or given > 9007199254740991 then
    return;
  end if;
  reached := coalesce(pg_sequence_last_value(sequence::regclass), 0);
  if reached >= given then
    return;
  end if;
  begin
    perform pg_advisory_lock(lock_key);
    if coalesce(pg_sequence_last_value(sequence::regclass), 0) < given then
      perform setval(sequence, given);
    end if;
  exception when others or query_canceled then
    perform pg_advisory_unlock(lock_key);
    raise;
  end;
  perform pg_advisory_unlock(lock_key);
end
$$;

revoke all on function control.sequence_of(text, text), control.count_column(uuid, text), control.next_numbers(uuid, text, int),
  control.number_taken(uuid, text, bigint) from public;
grant execute on function control.count_column(uuid, text), control.next_numbers(uuid, text, int),
  control.number_taken(uuid, text, bigint) to gb_app;

-- Columns that are worked out from the others of their row. What they are made of comes as a tree: names of columns,
-- values, and operations of this list. No text of a script is part of the statement.

create function control.computed(given jsonb, depth int) returns text
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  op text := given ->> 'op';
  parts text[] := '{}';
  part jsonb;
  template text;
begin
  if depth > 60 or jsonb_typeof(given) is distinct from 'object' then
    raise exception 'a column cannot be computed like this' using errcode = '42601';
  elsif given ? 'column' then
    return control.column_name(given ->> 'column');
  elsif given ? 'text' then
    return format('%L::text', left(given ->> 'text', 1000));
  elsif given ? 'number' and given ->> 'number' ~ '^[0-9]{0,30}\.?[0-9]{0,30}$' then
    return format('%L::numeric', given ->> 'number');
  elsif given ? 'date' then
    return format('%L::date', given ->> 'date');
  elsif given ? 'boolean' then
    return case when (given ->> 'boolean')::boolean then 'true' else 'false' end;
  elsif given ? 'nothing' then
    return 'null';
  end if;
  for part in select p from jsonb_array_elements(given -> 'of') with ordinality as u (p, o) order by o loop
    parts := parts || control.computed(part, depth + 1);
  end loop;
  template := case op
    when 'exact' then '(%s)::numeric'
    when 'float' then '(%s)::double precision'
    when 'number text' then 'gb.number_text((%s)::double precision)'
    when 'plain text' then '(%s)::text'
    when '+' then '(%s + %s)'
    when '-' then '(%s - %s)'
    when '*' then '(%s * %s)'
    when '/' then '(%s / %s)'
    when '%' then '(%s %% %s)'
    when 'negate' then '(- %s)'
    when '||' then '(%s || %s)'
    when '=' then '(%s = %s)'
    when '<>' then '(%s <> %s)'
    when '<' then '(%s < %s)'
    when '>' then '(%s > %s)'
    when '<=' then '(%s <= %s)'
    when '>=' then '(%s >= %s)'
    when 'and' then '(%s and %s)'
    when 'or' then '(%s or %s)'
    when 'not' then '(not %s)'
    when 'is null' then '(%s is null)'
    when 'if' then '(case when %s then %s else %s end)'
    when 'coalesce' then 'coalesce(%s, %s)'
    when 'nullif' then 'nullif(%s, %s)'
    when 'small' then 'gb.small(%s)'
    when 'upper' then 'upper(%s)'
    when 'trim' then 'btrim(%s)'
    when 'length' then 'char_length(%s)::numeric'
    when 'left' then 'left(%s, (%s)::int)'
    when 'right' then 'right(%s, (%s)::int)'
    when 'substring' then 'substr(%s, (%s)::int, (%s)::int)'
    when 'replace' then 'replace(%s, %s, %s)'
    when 'abs' then 'abs(%s)'
    when 'floor' then 'floor(%s)'
    when 'ceil' then 'ceil(%s)'
    when 'round' then 'round(%s, (%s)::int)'
    when 'year' then 'date_part(''year'', %s)::numeric'
    when 'month' then 'date_part(''month'', %s)::numeric'
    when 'day' then 'date_part(''day'', %s)::numeric'
    when 'add days' then '(%s + (%s)::int)'
    when 'days between' then '(%s - %s)::numeric'
  end;
  -- As many parts as there are blanks.
  if template is null or cardinality(parts) <> (
      select count(*) from regexp_matches(replace(template, '%%', ''), '%s', 'g')) then
    raise exception 'a column cannot be computed like this' using errcode = '42601';
  end if;
  return format(template, variadic parts);
end
$$;

create or replace function control.column_definition(given jsonb) returns text language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  made text := control.column_default(given);
  computed jsonb := given -> 'computed';
begin
  return format('%s %s', control.column_name(given ->> 'name'), control.column_type(given))
    || case when made is null then '' else ' default ' || made end
    || case when coalesce(jsonb_typeof(computed), 'null') = 'null' then ''
         else format(' generated always as (%s) stored', control.computed(computed, 0)) end
    || case when (given ->> 'isRequired')::boolean then ' not null' else '' end;
end
$$;

-- What was worked out can be worked out again: only such a column is ever taken away.
create function control.drop_computed(target_id uuid, named text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  target text := control.own_table(target_id);
begin
  if not exists (select from pg_attribute a where a.attrelid = target::regclass and a.attname = named and a.attgenerated = 's') then
    raise exception 'this column is not computed' using errcode = '42703';
  end if;
  execute format('alter table %s drop column %s', target, control.column_name(named));
end
$$;

-- A column that is computed no longer keeps its values as its own.
create function control.settle_computed(target_id uuid, named text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
begin
  execute format('alter table %s alter column %s drop expression', control.own_table(target_id), control.column_name(named));
end
$$;

-- Several columns together that refer to as many of another table.
create function control.add_references(target_id uuid, number int, own_columns text[], other_id uuid, other_columns text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  target text := control.own_table(target_id);
  other text := control.own_table(other_id);
begin
  execute format('alter table %s add constraint %I foreign key (%s) references %s (%s)', target, control.part_name(target_id, number),
    control.column_list(own_columns), other, control.column_list(other_columns));
end
$$;

revoke all on function control.computed(jsonb, int), control.drop_computed(uuid, text), control.settle_computed(uuid, text),
  control.add_references(uuid, int, text[], uuid, text[]) from public;
grant execute on function control.drop_computed(uuid, text), control.settle_computed(uuid, text),
  control.add_references(uuid, int, text[], uuid, text[]) to gb_app;

-- Tables that are there already.
do $$
declare
  one record;
  named text;
begin
  for one in select t.table_id, t.customer_id from control.tables t loop
    perform set_config('gb.customer', one.customer_id::text, true);
    for named in
      select c ->> 'physicalName' from gb.bot_tables t cross join lateral jsonb_array_elements(t.columns) c
      where t.customer_id = one.customer_id and t.table_id = one.table_id and c ->> 'type' in ('integer', 'bigint')
        and (c #>> '{default,made}' = 'next'
          or (c ->> 'isKey')::boolean and c -> 'default' is null
            and (select count(*) from jsonb_array_elements(t.columns) k where (k ->> 'isKey')::boolean) = 1)
    loop
      perform control.count_column(one.table_id, named);
    end loop;
  end loop;
  perform set_config('gb.customer', '', true);
end
$$;
