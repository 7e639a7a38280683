import type { QuotaDefaults } from 'gb-core';
import { type CustomerId, type QuotaName, type QuotaUse, quotaNames } from 'gb-protocol';
import { GbError, isUuid } from 'gb-utils';
import pg, { type ClientConfig } from 'pg';
import { connectionConfig, Sql } from '../connection.ts';
import { isConnectionError, translateError } from '../database-errors.ts';
import { quotaRepository } from '../repositories/quotas.ts';

export interface FoundCustomer {
  readonly customerId: CustomerId;
  readonly organizationName: string;
}

export interface CustomerQuotas extends FoundCustomer {
  readonly tier: string;
  readonly quotas: readonly (QuotaUse & { readonly isOwn: boolean })[];
}

/** `default`: what everybody has. null: as much as they like. */
export type QuotaChanges = ReadonlyMap<QuotaName, number | null | 'default'>;

/**
 * For who operates the installation: looks into one customer after another as the owner of the tables, who stands behind
 * the same wall. A customer is looked for in the database that has it; one on its way to another cannot be changed now.
 */
export class QuotaAdmin {
  readonly #owners: readonly ClientConfig[];

  /** The owner's login of each database. */
  constructor(owners: readonly ClientConfig[]) {
    this.#owners = owners;
  }

  /** By id, or by the name of the organization, case aside; all of them without a text, a thousand at most. */
  async find(text?: string): Promise<readonly FoundCustomer[]> {
    const found = await this.#each((sql) =>
      sql.rows<{ customer_id: CustomerId; organization_name: string }>(
        `select c.customer_id, c.organization_name from control.customers c
         where ($1::text is null or c.customer_id::text = lower($1) or lower(c.organization_name) = lower($1)) and ${isHere}
         order by lower(c.organization_name), c.customer_id limit 1000`,
        [text ?? null],
      ),
    );
    return found.flat().map((row) => ({ customerId: row.customer_id, organizationName: row.organization_name }));
  }

  async read(customerId: CustomerId): Promise<CustomerQuotas> {
    return this.#inside(customerId, async (sql, organizationName) => {
      const own = await sql.rows<{ quota: string }>('select quota from gb.quotas where customer_id = $1', [customerId]);
      const customer = await sql.row<{ tier: string }>(
        'select subscription_tier as tier from gb.customers where customer_id = $1',
        [customerId],
      );
      const quotas = await quotaRepository({ sql, customerId }).list();
      const isOwn = (name: string) => own.some(({ quota }) => quota === name);
      return {
        customerId,
        organizationName,
        tier: customer?.tier ?? '',
        quotas: quotas.map((one) => ({ ...one, isOwn: isOwn(one.name) })),
      };
    });
  }

  /** All of them or none. Processes hear of it within seconds; what is counted by the database, at once. */
  async set(customerId: CustomerId, changes: QuotaChanges): Promise<void> {
    await this.#inside(customerId, async (sql) => {
      for (const [name, most] of changes) {
        if (most === 'default') {
          await sql.change('delete from gb.quotas where customer_id = $1 and quota = $2', [customerId, name]);
          continue;
        }
        await sql.change(
          `insert into gb.quotas (customer_id, quota, most) values ($1, $2, $3)
           on conflict (customer_id, quota) do update set most = excluded.most, set_at = now()`,
          [customerId, name, most],
        );
      }
      const facts = Object.fromEntries([...changes].map(([name, most]) => [name, most ?? 'unlimited']));
      await sql.change(
        "insert into gb.audit_entries (customer_id, at, action, target, facts) values ($1, now(), 'quota.set', $2, $3)",
        [customerId, customerId, JSON.stringify(facts)],
      );
    });
  }

  async #inside<T>(customerId: CustomerId, work: (sql: Sql, organizationName: string) => Promise<T>): Promise<T> {
    if (!isUuid(customerId)) throw noSuchCustomer();
    const answers = await this.#each(async (sql) => {
      await sql.rows('begin');
      // Who moves a bucket waits for this, and this for the last moment of a move.
      await sql.rows('select pg_advisory_xact_lock_shared(control.bucket_lock(), control.bucket_of($1))', [customerId]);
      const row = await sql.row<{ organization_name: string }>(
        `select c.organization_name from control.customers c where c.customer_id = $1 and ${isHere}`,
        [customerId],
      );
      if (row) await sql.rows("select set_config('gb.customer', $1, true)", [customerId]);
      const answer = row && { value: await work(sql, row.organization_name) };
      await sql.rows('commit');
      return answer;
    });
    const answer = answers.find((one) => one !== null);
    if (!answer) throw noSuchCustomer();
    return answer.value;
  }

  /** What each database says. One that is away is passed over as long as another has an answer. */
  async #each<T>(work: (sql: Sql) => Promise<T>): Promise<readonly T[]> {
    const answers: T[] = [];
    let away: unknown = null;
    for (const owner of this.#owners) {
      const client = new pg.Client(connectionConfig(owner));
      client.on('error', () => {}); // The statement that runs fails with it.
      try {
        await client.connect();
        answers.push(await work(new Sql(client)));
      } catch (error) {
        away = translateError(error);
        if (!isConnectionError(away)) throw away;
      } finally {
        await client.end().catch(() => {}); // It was not connected.
      }
    }
    if (away && !answers.some((answer) => answer !== null)) throw away;
    return answers;
  }
}

/**
 * Rows of a customer stay for a while where they were; a database that is the only one has no buckets. Parts of large
 * customers (ids of version 8) are nobody to whom anything is given.
 */
const isHere = `substr(c.customer_id::text, 15, 1) <> '8' and not exists (
  select from control.buckets b where b.bucket = control.bucket_of(c.customer_id) and b.state <> 'open')`;

/** What everybody may have is in each database, so that it can refuse by itself. Replaces what was there. */
export async function storeQuotaDefaults(owner: ClientConfig, defaults: QuotaDefaults): Promise<void> {
  const rows = [...defaults].flatMap(([tier, table]) =>
    quotaNames.flatMap((name) => (table[name] === undefined ? [] : [{ tier, name, most: table[name] }])),
  );
  const client = new pg.Client(connectionConfig(owner));
  client.on('error', () => {}); // The statement that runs fails with it.
  try {
    await client.connect();
    const sql = new Sql(client);
    await sql.rows('begin');
    // Several processes start at once.
    await sql.rows('lock table control.quota_defaults in share row exclusive mode');
    await sql.change('delete from control.quota_defaults');
    await sql.change(
      'insert into control.quota_defaults (tier, quota, most) select * from unnest($1::text[], $2::text[], $3::bigint[])',
      [rows.map(({ tier }) => tier), rows.map(({ name }) => name), rows.map(({ most }) => most)],
    );
    await sql.rows('commit');
  } catch (error) {
    throw translateError(error);
  } finally {
    await client.end().catch(() => {}); // It was not connected.
  }
}

function noSuchCustomer(): GbError {
  return new GbError('not_found', 'There is no such organization here.');
}
