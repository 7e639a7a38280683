import type {
  KnowledgeCollection,
  KnowledgeDocument,
  KnowledgeLanguage,
  KnowledgePassage,
  KnowledgeQuery,
  KnowledgeRepository,
  NewKnowledgeDocument,
  NewPassage,
} from 'gb-core';
import type { BotId } from 'gb-protocol';
import { GbError, uuidv7 } from 'gb-utils';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

/** A search reads all passages of a bot, so their number bounds its time: some hundredths of a second a thousand. */
const passagesPerBotMax = 20_000;
const passageTextMax = 8_000;
const questionTextMax = 2_000;
const rowsAtOnce = 200;
/** How many of each kind are fused. */
const hitsMax = 50;
/** Vectors compared exactly, of those whose sketches are nearest. */
const sketchedMax = 100;
/** A cosine below this says that the two have nothing to do with each other. */
const cosineMin = 0.1;
/** Reciprocal rank fusion: 1/(60 + place). The 60 keeps a first place of one list from outweighing two good ones. */
const fusionOffset = 60;

type Place = string;

/**
 * Words are found through text search: passages that have all words of the question first, then those that have some.
 * Texts go in twice, as written and without their accents, because people ask for "manutencao". Meanings are found in two
 * steps, by sketch and then exactly, or by pgvector where the database has it (migration 0009 says how).
 */
export function knowledgeRepository({ sql, customerId, nowMs }: Scope): KnowledgeRepository {
  const wordHits = async (botId: BotId, query: KnowledgeQuery): Promise<Place[]> => {
    const text = clean(query.text).slice(0, questionTextMax);
    const rows = await sql.rows<{ place: Place }>(
      // Materialized: else the questions would be parsed again for each passage.
      `with asked as materialized (
         select plainto_tsquery($4::text::regconfig, $5) || plainto_tsquery($4::text::regconfig, $6) as all_words
       ), words as materialized (
         select all_words, replace(all_words::text, '&', '|')::tsquery as any_word from asked
       )
       select c.document_id || '/' || c.n as place
       from kb_chunks c cross join words w
       where c.customer_id = $1 and c.bot_id = $2 and (cardinality($3::text[]) = 0 or c.collection = any ($3))
         and c.tsv @@ w.any_word
       order by c.tsv @@ w.all_words desc, ts_rank_cd(c.tsv, w.any_word) desc, c.document_id, c.n
       limit ${hitsMax}`,
      [customerId, botId, query.collections, query.language, text, withoutAccents(text)],
    );
    return rows.map((row) => row.place);
  };

  const meaningHits = async (botId: BotId, query: KnowledgeQuery): Promise<Place[]> => {
    if (!query.embedding) return [];
    const { model, vector } = query.embedding;
    const values = [customerId, botId, query.collections, model, vector];
    const rows = (await hasVectors())
      ? await sql.rows<{ place: Place }>(
          `select near.place from (
             select c.document_id || '/' || c.n as place, vectors_apart(c.vector, $5::real[]) as distance
             from kb_chunks c join kb_documents d using (customer_id, bot_id, document_id)
             where c.customer_id = $1 and c.bot_id = $2 and (cardinality($3::text[]) = 0 or c.collection = any ($3))
               and d.embedding_model = $4 and c.vector is not null
             order by distance, place limit ${hitsMax}
           ) near where near.distance <= ${1 - cosineMin}`,
          values,
        )
      : await sql.rows<{ place: Place }>(
          `with near as (
             select c.document_id, c.n, c.embedding
             from kb_chunks c join kb_documents d using (customer_id, bot_id, document_id)
             where c.customer_id = $1 and c.bot_id = $2 and (cardinality($3::text[]) = 0 or c.collection = any ($3))
               and d.embedding_model = $4 and length(c.sketch) = length($6::bit varying)
             order by bits_apart(c.sketch, $6::bit varying), c.document_id, c.n limit ${sketchedMax}
           ), exact as (
             select near.document_id || '/' || near.n as place,
               (select sum(pair.a * pair.b) from unnest(near.embedding, $5::real[]) as pair (a, b)) as cosine
             from near
           )
           select place from exact where cosine >= ${cosineMin} order by cosine desc, place limit ${hitsMax}`,
          [...values, sketch(vector)],
        );
    return rows.map((row) => row.place);
  };

  const hasVectors = async (): Promise<boolean> =>
    (await sql.row(
      `select 1 from pg_catalog.pg_attribute where attrelid = 'gb.kb_chunks'::regclass and attname = 'vector' and not attisdropped`,
    )) !== null;

  const insertPassages = async (botId: BotId, documentId: string, document: NewKnowledgeDocument): Promise<void> => {
    for (let from = 0; from < document.passages.length; from += rowsAtOnce) {
      const part = document.passages.slice(from, from + rowsAtOnce).map(toRow);
      await sql.change(
        `insert into kb_chunks (customer_id, bot_id, document_id, n, collection, heading, text, tsv, embedding, sketch)
         select $1, $2, $3, p.n, $4, p.heading, p.text,
           to_tsvector($5::text::regconfig, p.heading || E'\\n' || p.text) || to_tsvector($5::text::regconfig, p.plain),
           p.embedding::real[], p.sketch::bit varying
         from unnest($6::int[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
           as p (n, heading, text, plain, embedding, sketch)`,
        [
          customerId,
          botId,
          documentId,
          document.collection,
          document.language,
          part.map((_, index) => from + index + 1),
          part.map((row) => row.heading),
          part.map((row) => row.text),
          part.map((row) => row.plain),
          part.map((row) => row.embedding),
          part.map((row) => row.sketch),
        ],
      );
    }
  };

  return {
    async collections(botId) {
      const rows = await sql.rows<{ collection: string; documents: number; passages: number; checked_at: number }>(
        `select collection, count(*) as documents, sum(passages) as passages, min(checked_at) as checked_at
         from kb_documents where customer_id = $1 and bot_id = $2 group by collection order by collection`,
        [customerId, botId],
      );
      return rows.map(
        (row): KnowledgeCollection => ({
          name: row.collection,
          documents: row.documents,
          passages: row.passages,
          checkedAt: row.checked_at,
        }),
      );
    },

    async documents(botId, collection) {
      const rows = await sql.rows<{
        name: string;
        sha256: string;
        embedding_model: string | null;
        language: KnowledgeLanguage;
        passages: number;
        checked_at: number;
      }>(
        `select name, sha256, embedding_model, language, passages, checked_at from kb_documents
         where customer_id = $1 and bot_id = $2 and collection = $3 order by name`,
        [customerId, botId, collection],
      );
      return rows.map(
        (row): KnowledgeDocument => ({
          name: row.name,
          sha256: row.sha256,
          embeddingModel: row.embedding_model,
          language: row.language,
          passages: row.passages,
          checkedAt: row.checked_at,
        }),
      );
    },

    async replaceDocument(botId, document) {
      // Locked, so that two readers of one bot come one after the other and the bound is counted right.
      const bot = await sql.row('select 1 from bots where customer_id = $1 and bot_id = $2 for no key update', [
        customerId,
        botId,
      ]);
      if (!bot) throw new GbError('not_found', 'There is no such bot');
      await sql.change('delete from kb_documents where customer_id = $1 and bot_id = $2 and collection = $3 and name = $4', [
        customerId,
        botId,
        document.collection,
        document.name,
      ]);
      const known = await sql.row<{ passages: number | null }>(
        'select sum(passages) as passages from kb_documents where customer_id = $1 and bot_id = $2',
        [customerId, botId],
      );
      if ((known?.passages ?? 0) + document.passages.length > passagesPerBotMax)
        throw new GbError('quota_exceeded', `A bot knows at most ${passagesPerBotMax} passages`);
      const documentId = uuidv7(nowMs);
      await sql.change(
        `insert into kb_documents (customer_id, bot_id, document_id, collection, name, title, address, sha256, language, embedding_model, passages, checked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
        [
          customerId,
          botId,
          documentId,
          document.collection,
          document.name,
          clean(document.title).slice(0, 300),
          document.address,
          document.sha256,
          document.language,
          document.embeddingModel,
          document.passages.length,
          time(nowMs),
        ],
      );
      await insertPassages(botId, documentId, document);
    },

    async touchDocument(botId, collection, name) {
      await sql.change(
        'update kb_documents set checked_at = $5 where customer_id = $1 and bot_id = $2 and collection = $3 and name = $4',
        [customerId, botId, collection, name, time(nowMs)],
      );
    },

    deleteMissing: (botId, collection, names) =>
      sql.change(
        'delete from kb_documents where customer_id = $1 and bot_id = $2 and collection = $3 and name <> all ($4::text[])',
        [customerId, botId, collection, names],
      ),

    async search(botId, query) {
      const lists = [await wordHits(botId, query), await meaningHits(botId, query)];
      const best = fuse(lists).slice(0, query.limit);
      if (best.length === 0) return [];
      const rows = await sql.rows<Omit<KnowledgePassage, 'score'> & { place: Place }>(
        `select c.document_id || '/' || c.n as place, c.collection, d.name as document, d.title, d.address, c.n, c.heading, c.text
         from unnest($3::uuid[], $4::int[]) as hit (document_id, n)
         join kb_chunks c on c.customer_id = $1 and c.bot_id = $2 and c.document_id = hit.document_id and c.n = hit.n
         join kb_documents d on d.customer_id = $1 and d.bot_id = $2 and d.document_id = c.document_id`,
        [customerId, botId, best.map(({ place }) => place.split('/')[0]), best.map(({ place }) => Number(place.split('/')[1]))],
      );
      return best.flatMap(({ place, score }): KnowledgePassage[] => {
        const row = rows.find((one) => one.place === place);
        if (!row) return [];
        const { place: _, ...passage } = row;
        return [{ ...passage, score }];
      });
    },
  };
}

function fuse(lists: readonly (readonly Place[])[]): { place: Place; score: number }[] {
  const scores = new Map<Place, number>();
  for (const list of lists)
    for (const [index, place] of list.entries()) scores.set(place, (scores.get(place) ?? 0) + 1 / (fusionOffset + index + 1));
  return [...scores].map(([place, score]) => ({ place, score })).sort((a, b) => b.score - a.score);
}

function toRow(passage: NewPassage) {
  const text = clean(passage.text).slice(0, passageTextMax);
  const heading = clean(passage.heading).slice(0, 500);
  const written = `${heading}\n${text}`;
  const plain = withoutAccents(written);
  return {
    heading,
    text,
    // What has no accents need not go in twice.
    plain: plain === written ? '' : plain,
    embedding: passage.embedding && `{${passage.embedding.join(',')}}`,
    sketch: passage.embedding && sketch(passage.embedding),
  };
}

const sketch = (vector: readonly number[]): string => vector.map((number) => (number > 0 ? '1' : '0')).join('');

const withoutAccents = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '');

/** What the database cannot store. */
const clean = (text: string): string => text.replaceAll('\0', ' ').toWellFormed();
