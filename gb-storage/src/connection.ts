import { assert } from 'gb-utils';
import type { ClientBase, ClientConfig, PoolConfig, QueryResultRow } from 'pg';
import pg from 'pg';
import { translateError } from './database-errors.ts';

/**
 * How values come back: bigint as a number (sequence numbers stay far below 2^53), times as milliseconds since 1970,
 * bytes as a plain Uint8Array.
 */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  20: (text) => {
    const value = Number(text);
    assert(Number.isSafeInteger(value), 'numbers of the database fit a JavaScript number');
    return value;
  },
  1184: (text) => {
    // "2026-11-22 20:38:23.123+00": sessions run in UTC.
    const value = Date.parse(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`);
    assert(!Number.isNaN(value), 'times of the database are in UTC');
    return value;
  },
  17: (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex')),
};

/**
 * Settings of every connection. They travel as start-up options, so that no statement is needed after connecting and a
 * connection is never half set up.
 */
export function connectionConfig<Config extends PoolConfig | ClientConfig>(
  config: Config,
  settings: Readonly<Record<string, string>> = {},
): Config {
  const options = Object.entries({
    search_path: 'gb',
    timezone: 'UTC',
    datestyle: 'ISO',
    bytea_output: 'hex',
    jit: 'off',
    // Work that was abandoned must not hold its locks for ever.
    statement_timeout: '30000',
    idle_in_transaction_session_timeout: '30000',
    ...settings,
  }).map(([name, value]) => `-c ${name}=${value}`);
  return {
    ...config,
    application_name: config.application_name ?? 'general-bots',
    connectionTimeoutMillis: config.connectionTimeoutMillis ?? 5_000,
    keepAlive: true,
    options: [config.options, ...options].filter(Boolean).join(' '),
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        parsers[oid] ?? (format === undefined ? pg.types.getTypeParser(oid) : pg.types.getTypeParser(oid, format as 'text')),
    } as pg.CustomTypesConfig,
  };
}

/** Statements by text: a text met before runs as the statement the server has already parsed and planned. */
const statementNames = new Map<string, string>();

export function statementName(text: string): string {
  let name = statementNames.get(text);
  if (name === undefined) {
    assert(statementNames.size < 1_000, 'statements are made of constants, values go in as parameters');
    name = `gb${statementNames.size}`;
    statementNames.set(text, name);
  }
  return name;
}

/** Runs parameterised statements on one connection, with failures translated. */
export class Sql {
  readonly #client: ClientBase;

  constructor(client: ClientBase) {
    this.#client = client;
  }

  async rows<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await this.#client.query<Row>({ name: statementName(text), text, values: [...values] })).rows;
    } catch (error) {
      throw translateError(error);
    }
  }

  async row<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row | null> {
    return (await this.rows<Row>(text, values))[0] ?? null;
  }

  /** A statement that is made for this once, as those on tables of bots are: the server does not keep its plan. */
  async once<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<{ rows: Row[]; count: number }> {
    try {
      const { rows, rowCount } = await this.#client.query<Row>({ text, values: [...values] });
      return { rows, count: rowCount ?? 0 };
    } catch (error) {
      throw translateError(error);
    }
  }

  /** The number of rows the statement changed. */
  async change(text: string, values: readonly unknown[] = []): Promise<number> {
    try {
      return (await this.#client.query({ name: statementName(text), text, values: [...values] })).rowCount ?? 0;
    } catch (error) {
      throw translateError(error);
    }
  }
}

/** For timestamptz parameters. */
export function time(ms: number): string {
  return new Date(ms).toISOString();
}
