import { isIP } from 'node:net';
import { GbError } from 'gb-utils';

/** How to reach a Kafka cluster, and as whom. */
export interface KafkaConnection {
  readonly brokers: readonly { readonly host: string; readonly port: number }[];
  readonly sasl: KafkaLogin | null;
  /** With certificates as PEM. `{}` trusts those that the machine trusts; null is plain TCP. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | null;
}

export interface KafkaLogin {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username: string;
  readonly password: string;
}

const mechanisms: Readonly<Record<string, KafkaLogin['mechanism']>> = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
};

const example = 'like broker1:9092,broker2:9092 or kafkas://user:password@broker1:9093,broker2:9093?mechanism=scram-sha-512';

/**
 * Reads `KAFKA_BROKERS`: brokers with commas between them, or a URL with `kafka:` for plain TCP and `kafkas:` for TLS. A
 * log-in is SCRAM-SHA-512 unless `mechanism` says another one. What is wrong is said without the password.
 */
export function readKafkaConnection(text: string, pems: NonNullable<KafkaConnection['tls']> = {}): KafkaConnection {
  const match = /^(?:(kafkas?):\/\/)?(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/s.exec(text.trim());
  if (!match) throw malformed(`KAFKA_BROKERS is to be ${example}.`);
  const [, scheme, login, hosts, query] = match;
  const settings = new URLSearchParams(query ?? '');
  for (const name of settings.keys())
    if (name !== 'mechanism') throw malformed(`KAFKA_BROKERS has an unknown setting "${name}".`);
  const isTls = scheme === 'kafkas';
  if (!isTls && Object.keys(pems).length > 0) throw malformed('Certificates for Kafka need a kafkas:// address.');
  const brokers = hosts!.split(',').map((host) => readBroker(host.trim(), isTls));
  const sasl = readLogin(login, settings.get('mechanism'));
  if (sasl?.mechanism === 'PLAIN' && !isTls && !brokers.every((broker) => isLoopback(broker.host)))
    throw malformed('KAFKA_BROKERS would send a password in the clear: use kafkas://, or scram-sha-512.');
  return { brokers, sasl, tls: isTls ? pems : null };
}

function readBroker(text: string, isTls: boolean): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[3] === undefined ? (isTls ? 9093 : 9092) : Number(match[3]);
  if (!match || port < 1 || port > 65_535) throw malformed(`KAFKA_BROKERS names no broker at "${text}": it is to be ${example}.`);
  return { host: match[1] ?? match[2]!, port };
}

function readLogin(login: string | undefined, mechanism: string | null): KafkaLogin | null {
  if (login === undefined) {
    if (mechanism !== null) throw malformed('KAFKA_BROKERS names a mechanism and nobody who logs in.');
    return null;
  }
  const colon = login.indexOf(':');
  const known = mechanisms[(mechanism ?? 'scram-sha-512').toLowerCase()];
  if (!known) throw malformed(`KAFKA_BROKERS: mechanism is one of ${Object.keys(mechanisms).join(', ')}.`);
  if (colon <= 0 || colon === login.length - 1) throw malformed('KAFKA_BROKERS needs user:password before the @.');
  try {
    return {
      mechanism: known,
      username: decodeURIComponent(login.slice(0, colon)),
      password: decodeURIComponent(login.slice(colon + 1)),
    };
  } catch (error) {
    throw malformed('KAFKA_BROKERS: write a % in the user or password as %25.', error);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function malformed(message: string, cause?: unknown): GbError {
  return new GbError('malformed', message, { cause });
}
