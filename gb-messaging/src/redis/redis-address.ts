import { readFileSync } from 'node:fs';
import { GbError } from 'gb-utils';

/**
 * Where Redis is. One server, a set of servers of which sentinels know the master, or a cluster:
 *
 *     redis://[user:password@]host[:6379][/database]
 *     redis+sentinel://[user:password@]host[:26379],host,.../master-name[/database]
 *     redis+cluster://[user:password@]host[:6379],host,...
 *
 * `rediss` in place of `redis` is TLS, to the sentinels too. After a `?`: `ca=/file.pem` trusts that authority in place of
 * the system's, `prefix=name` keeps two installations on one Redis apart, `sentinel_password=` and `sentinel_user=` are
 * for the sentinels. User and password are percent-encoded.
 */
export interface RedisAddress {
  readonly kind: 'server' | 'sentinel' | 'cluster';
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
  /** Of a sentinel's masters, the one meant. */
  readonly masterName?: string;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  readonly tls?: { readonly ca?: string };
  /** Stands before every key and topic. */
  readonly prefix: string;
}

const shape = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;
const options = ['ca', 'prefix', 'sentinel_password', 'sentinel_user'];

/** Throws with a sentence that says what is wrong and never holds the address itself, because of its password. */
export function readRedisAddress(url: string): RedisAddress {
  const [, scheme, more, user, hosts = '', rest = '', query] = shape.exec(url) ?? [];
  demand(scheme !== undefined, 'a Redis address is redis://host:port, redis+sentinel://hosts/master or redis+cluster://hosts');
  const kind = (more ?? 'server') as RedisAddress['kind'];
  const parts = rest.split('/').filter((part) => part !== '');
  const masterName = kind === 'sentinel' ? decodeURIComponent(parts.shift() ?? '') : undefined;
  demand(masterName !== '', 'an address of sentinels ends with the name of the master: redis+sentinel://hosts/master');
  demand(kind !== 'cluster' || parts.length === 0, 'a Redis cluster has no database numbers');
  const database = Number(parts[0] ?? 0);
  demand(parts.length <= 1 && Number.isInteger(database) && database >= 0, 'the database of a Redis address is a number');
  const settings = new URLSearchParams(query ?? '');
  for (const name of settings.keys()) demand(options.includes(name), `a Redis address has no option "${name}"`);
  const prefix = settings.get('prefix') ?? 'gb';
  demand(/^[\w.-]{1,32}$/.test(prefix), 'the prefix of a Redis address is 1 to 32 letters, digits, dots and dashes');
  const ca = settings.get('ca');
  const colon = user?.indexOf(':') ?? -1;
  const [name, password] = colon < 0 ? [user ?? '', ''] : [user!.slice(0, colon), user!.slice(colon + 1)];
  const sentinelUsername = settings.get('sentinel_user');
  const sentinelPassword = settings.get('sentinel_password');
  const list = hosts.split(',').map((host) => readHost(host, kind === 'sentinel' ? 26_379 : 6_379));
  demand(kind !== 'server' || list.length === 1, 'several hosts are an address of sentinels or of a cluster');
  return {
    kind,
    hosts: list,
    database,
    prefix,
    ...(name === '' ? {} : { username: decodeURIComponent(name) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(masterName === undefined ? {} : { masterName }),
    ...(sentinelUsername === null ? {} : { sentinelUsername }),
    ...(sentinelPassword === null ? {} : { sentinelPassword }),
    ...(scheme === 'rediss' ? { tls: ca === null ? {} : { ca: readFileSync(ca, 'utf8') } } : {}),
  };
}

function readHost(text: string, defaultPort: number): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? defaultPort : Number(port);
  demand(host !== undefined && number > 0 && number < 65_536, 'a host of a Redis address is a name or [IPv6 address], and :port');
  return { host, port: number };
}

function demand(isRight: boolean, sentence: string): asserts isRight {
  if (!isRight) throw new GbError('malformed', `REDIS_URL: ${sentence}.`);
}
