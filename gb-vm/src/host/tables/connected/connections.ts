import type { OutsideCall } from 'gb-core';
import { OperationFailed } from '../../operation.ts';
import { AllowList } from '../../web/addresses.ts';
import { Gate } from '../../web/gate.ts';
import { type Lookup, resolveAllowed } from '../../web/resolve.ts';
import { openMysql } from './mysql-session.ts';
import { openPostgres } from './postgres-session.ts';
import type { Session } from './session.ts';
import { type ConnectionSettings, readConnection } from './settings.ts';

export interface ConnectionsOptions {
  /** Hosts and networks that may be reached beside the public internet, as for HTTP. */
  readonly allow?: readonly string[];
  readonly lookup?: Lookup;
}

/** Opens one connection for the time of some work, and closes it whatever becomes of that. */
export type WithSession = <T>(call: OutsideCall, connection: string, work: (session: Session) => Promise<T>) => Promise<T>;

/** Connections at once: of one customer, and of all. */
const gateLimits = {
  customerSlotsMax: 4,
  slotsMax: 32,
  slotsForNewcomers: 8,
  customerWaitingMax: 100,
  waitingMax: 1_000,
} as const;
/** All that one operation may take at another database. */
const workMsMax = 60_000;

/**
 * Databases that bots name in their config.csv. They are a tenant's word, so only addresses of the public internet are
 * connected to and those the operator allowed, checked as for HTTP, and over the internet only encrypted, to a server whose
 * certificate is for that name. A connection is made for an operation and closed after it: none is left to be stolen
 * or to stand in the way of a change of the password.
 */
export function createConnections({ allow: allowed = [], lookup }: ConnectionsOptions = {}): WithSession {
  const allow = new AllowList(allowed);
  const gate = new Gate(gateLimits);
  return async (call, connection, work) => {
    const settings = readConnection(call.settings, connection);
    const signal = AbortSignal.any([call.signal, AbortSignal.timeout(workMsMax)]);
    const leave = await gate.enter(call.customerId, 1, signal);
    try {
      const { address, isListed } = await addressOf(settings);
      const isEncrypted = settings.tls === 'on' || (settings.tls === null && !isListed);
      if (!isEncrypted && !isListed)
        throw new OperationFailed(
          {
            en: `${settings.name} is reached over the internet, and only encrypted: ${settings.name}-tls may not be off`,
            pt: `${settings.name} fica na internet e só é acessado com criptografia: ${settings.name}-tls não pode ser off`,
          },
          'not_allowed',
        );
      const open = settings.engine === 'postgres' ? openPostgres : openMysql;
      const session = await open(settings, address, isEncrypted, signal);
      try {
        return await work(session);
      } finally {
        await session.close();
      }
    } finally {
      leave();
    }
  };

  async function addressOf({ host }: ConnectionSettings): Promise<{ readonly address: string; readonly isListed: boolean }> {
    const shown = URL.parse(`https://${host.includes(':') ? `[${host}]` : host}/`);
    if (shown?.pathname !== '/' || shown.port !== '')
      throw new OperationFailed({
        en: `${host.slice(0, 80)} is no name of a server`,
        pt: `${host.slice(0, 80)} não é nome de servidor`,
      });
    const [address] = await resolveAllowed(shown, { allow, lookup: lookup ?? null });
    return { address: address!, isListed: allow.allowsHost(host) || allow.allowsAddress(address!) };
  }
}
