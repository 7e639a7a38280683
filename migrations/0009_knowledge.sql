-- What bots read in before they answer: documents in collections, cut into passages that are found by their words and,
-- where there is a model for it, by what they mean.

create table gb.kb_documents (
  customer_id uuid not null,
  bot_id uuid not null,
  document_id uuid not null,
  collection text not null constraint kb_documents_collection_length check (char_length(collection) between 1 and 200),
  name text not null constraint kb_documents_name_length check (char_length(name) between 1 and 1000),
  title text not null constraint kb_documents_title_length check (char_length(title) <= 300),
  -- Of a page.
  address text constraint kb_documents_address_length check (char_length(address) <= 2000),
  sha256 text not null check (char_length(sha256) = 64),
  -- The text search configuration of its passages.
  language text not null check (language in ('portuguese', 'english', 'spanish', 'simple')),
  -- Whose vectors its passages have.
  embedding_model text constraint kb_documents_embedding_model_length check (char_length(embedding_model) <= 200),
  passages int not null check (passages >= 0),
  checked_at timestamptz not null,
  primary key (customer_id, bot_id, document_id),
  foreign key (customer_id, bot_id) references gb.bots
);
create unique index kb_documents_name on gb.kb_documents (customer_id, bot_id, collection, name);

-- There is no index on tsv, and none on the vectors. The wall looks at a row before a comparison that is not leakproof
-- does, so the application could never use one; and an index over everybody finds the neighbours of others first and
-- then throws them away. A search reads the passages of one bot, whose number is bounded.
create table gb.kb_chunks (
  customer_id uuid not null,
  bot_id uuid not null,
  document_id uuid not null,
  -- 1, 2, 3, ... in its document.
  n int not null,
  collection text not null,
  heading text not null,
  text text not null,
  tsv tsvector not null,
  -- Of length 1.
  embedding real[],
  -- One bit for each number of the embedding, 1 where it is positive: near vectors have near sketches, and thousands of
  -- them are compared in the time of a few vectors.
  sketch bit varying,
  primary key (customer_id, bot_id, document_id, n),
  foreign key (customer_id, bot_id, document_id) references gb.kb_documents on delete cascade
);
-- A search reads every tsv of a bot: they stay in the row, where that takes a sixth of the time. Vectors do not compress.
alter table gb.kb_chunks
  alter column tsv set storage main,
  alter column sketch set storage main,
  alter column embedding set storage external,
  set (toast_tuple_target = 8160);
create index kb_chunks_collection on gb.kb_chunks (customer_id, bot_id, collection);

select control.raise_wall(t::regclass) from unnest(array['gb.kb_documents', 'gb.kb_chunks']) t;
grant select, insert, update, delete on gb.kb_documents, gb.kb_chunks to gb_app;

-- In how many bits two sketches differ; null for sketches of different size. bit_count came with PostgreSQL 14.
do $$
begin
  execute format(
    'create function gb.bits_apart(a bit varying, b bit varying) returns bigint language sql immutable parallel safe as %L',
    case when current_setting('server_version_num')::int >= 140000
      then 'select case when length(a) = length(b) then bit_count(a # b) end'
      else 'select case when length(a) = length(b) then length(replace((a # b)::text, ''0'', ''''))::bigint end'
    end);
end
$$;
revoke all on function gb.bits_apart(bit varying, bit varying) from public;
grant execute on function gb.bits_apart(bit varying, bit varying) to gb_app;

-- Where the extension pgvector was created in this database, the vectors are compared by it: exactly, and all of them.
-- It may be called again at any time, so an operator who creates the extension later calls it then. Says whether it is so.
create function control.use_vectors() returns boolean language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  home text;
begin
  select n.nspname into home from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector';
  if home is null then
    return false;
  end if;
  if not exists (
    select from pg_attribute where attrelid = 'gb.kb_chunks'::regclass and attname = 'vector' and not attisdropped
  ) then
    execute format('alter table gb.kb_chunks add column vector %1$I.vector generated always as (embedding::%1$I.vector) stored', home);
  end if;
  execute format(
    'create or replace function gb.vectors_apart(v %1$I.vector, asked real[]) returns double precision
     language sql immutable parallel safe
     as ''select case when %1$I.vector_dims(v) = cardinality(asked) then v operator(%1$I.<=>) asked::%1$I.vector end''', home);
  execute format('revoke all on function gb.vectors_apart(%I.vector, real[]) from public', home);
  execute format('grant execute on function gb.vectors_apart(%I.vector, real[]) to gb_app', home);
  execute format('grant usage on schema %I to gb_app', home);
  return true;
end
$$;
revoke all on function control.use_vectors() from public;
select control.use_vectors();
