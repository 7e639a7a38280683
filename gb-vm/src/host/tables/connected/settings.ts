import { settingMissing } from '../../operation.ts';
import { fail } from '../scope.ts';

/** Where another database is, as a bot's config.csv says. Never shown: it holds a password. */
export interface ConnectionSettings {
  readonly name: string;
  readonly engine: 'postgres' | 'mysql';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** `off` is heard only where the operator allowed the host. */
  readonly tls: 'on' | 'off' | null;
}

const engines: Readonly<Record<string, ConnectionSettings['engine']>> = {
  postgres: 'postgres',
  postgresql: 'postgres',
  pg: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
};
const ports = { postgres: 5432, mysql: 3306 } as const;

/**
 * The rows `erp-server`, `erp-port`, `erp-name`, `erp-username`, `erp-password` and `erp-driver` of a connection `erp`, or
 * all of them as `erp-url`: `postgres://user:password@host/database`. `conn-` may stand before each.
 */
export function readConnection(settings: Readonly<Record<string, string>>, given: string): ConnectionSettings {
  const name = given.trim().toLowerCase().replace(/\s+/g, '-');
  const value = (...keys: readonly string[]): string => {
    for (const key of keys)
      for (const row of [`${name}-${key}`, `conn-${name}-${key}`])
        if (Object.hasOwn(settings, row) && settings[row]) return settings[row].trim();
    return '';
  };
  const tls = { on: 'on', yes: 'on', true: 'on', off: 'off', no: 'off', false: 'off' }[value('tls', 'ssl').toLowerCase()] ?? null;
  const url = value('url');
  if (url !== '') return named({ name, ...fromUrl(name, url), tls: tls as ConnectionSettings['tls'] });
  const host = value('server', 'host');
  if (host === '') throw settingMissing(`${name}-server`);
  const driver = value('driver', 'dialect').toLowerCase();
  const port = Number(value('port') || 0);
  const engine = driver === '' ? (port === ports.mysql ? 'mysql' : 'postgres') : engineOf(driver);
  if (!engine) throw fail(`${name}-driver is postgres, mysql or mariadb`, `${name}-driver é postgres, mysql ou mariadb`);
  const database = value('name', 'database', 'db');
  if (database === '') throw settingMissing(`${name}-name`);
  return named({
    name,
    engine,
    host,
    port: checkedPort(name, port || ports[engine]),
    database,
    user: value('username', 'user'),
    password: value('password'),
    tls: tls as ConnectionSettings['tls'],
  });
}

/** Without one a driver takes the name our own process runs under. */
function named(settings: ConnectionSettings): ConnectionSettings {
  if (settings.user === '') throw settingMissing(`${settings.name}-username`);
  return settings;
}

function fromUrl(name: string, text: string): Omit<ConnectionSettings, 'name' | 'tls'> {
  const url = URL.parse(text);
  const engine = url && engineOf(url.protocol.replace(/:$/, ''));
  const database = url ? part(url.pathname.replace(/^\//, '')) : '';
  // The address is not said: it holds a password.
  if (!url || !engine || url.hostname === '' || database === '')
    throw fail(
      `${name}-url is written like postgres://user:password@host/database or mysql://…`,
      `${name}-url se escreve como postgres://usuario:senha@servidor/banco ou mysql://…`,
    );
  return {
    engine,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: checkedPort(name, Number(url.port) || ports[engine]),
    database,
    user: part(url.username),
    password: part(url.password),
  };
}

const engineOf = (word: string): ConnectionSettings['engine'] | undefined =>
  Object.hasOwn(engines, word) ? engines[word] : undefined;

/** Some write a % that is only a %. */
function part(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function checkedPort(name: string, port: number): number {
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw fail(`${name}-port is a number up to 65535`, `${name}-port é um número até 65535`);
}
