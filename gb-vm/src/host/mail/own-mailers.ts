import type { Mailer, OutsideCall } from 'gb-core';
import { OperationFailed, settingMissing } from '../operation.ts';
import { AllowList } from '../web/addresses.ts';
import { type Lookup, resolveAllowed } from '../web/resolve.ts';
import { MailFailed, toOperationFailed } from './mail-failed.ts';
import { createSmtpMailer } from './smtp-mailer.ts';

export interface OwnMailersOptions {
  /** Hosts and networks that may be reached beside the public internet, as for HTTP. */
  readonly allow?: readonly string[];
  readonly lookup?: Lookup;
}

export interface OwnMailers {
  mailerFor(account: { readonly url: string; readonly from: string }, call: OutsideCall): Promise<Mailer>;
  close(): Promise<void>;
}

const portsAllowed = new Set([25, 465, 587, 2525]);
const mailersMax = 50;
/** Of one customer: whoever names many servers closes their own first. */
const mailersPerCustomerMax = 10;
/** A name may lead elsewhere tomorrow: then its address is checked again. */
const addressMsMax = 600_000;

/**
 * Mail servers that bots name in their config.csv. They are a tenant's word, so only addresses of the public internet are
 * connected to, checked as for HTTP, at the ports of mail, and never with a password in the clear.
 */
export function createOwnMailers(options: OwnMailersOptions = {}): OwnMailers {
  const allow = new AllowList(options.allow ?? []);
  /** The one that was used last stands last. */
  const mailers = new Map<string, { readonly customerId: string; readonly mailer: Mailer; readonly untilMs: number }>();

  /** The oldest of the customer, or of all, when there are too many; one that still sends does so to the end. */
  async function makeRoom(customerId: string): Promise<void> {
    const own = [...mailers].filter(([, one]) => one.customerId === customerId);
    const [oldest] = own.length > mailersPerCustomerMax ? own : mailers.size > mailersMax ? mailers : [];
    if (!oldest) return;
    mailers.delete(oldest[0]);
    await oldest[1].mailer.close();
  }

  return {
    async mailerFor({ url, from }, call) {
      const id = JSON.stringify([call.customerId, url, from]);
      const known = mailers.get(id);
      mailers.delete(id);
      if (known && known.untilMs > call.nowMs) {
        mailers.set(id, known);
        return known.mailer;
      }
      await known?.mailer.close();
      const address = URL.parse(url);
      if (!address || !/^smtps?:$/.test(address.protocol) || address.hostname === '') throw settingMissing('mail-…-url');
      const port = Number(address.port) || (address.protocol === 'smtps:' ? 465 : 587);
      const isAllowed = portsAllowed.has(port) || allow.allowsHost(address.hostname) || allow.allowsAddress(address.hostname);
      if (!isAllowed)
        throw new OperationFailed(
          { en: `mail is not sent to port ${port}`, pt: `e-mail não é enviado à porta ${port}` },
          'not_allowed',
        );
      const [checked] = await resolveAllowed(new URL(`https://${address.hostname}/`), { allow, lookup: options.lookup ?? null });
      try {
        const mailer = createSmtpMailer({ url, from, address: checked!, connectionsMax: 1 });
        mailers.set(id, { customerId: call.customerId, mailer, untilMs: call.nowMs + addressMsMax });
        await makeRoom(call.customerId);
        return mailer;
      } catch (error) {
        throw error instanceof MailFailed ? toOperationFailed(error) : error;
      }
    },
    async close() {
      await Promise.all([...mailers.values()].map(({ mailer }) => mailer.close()));
      mailers.clear();
    },
  };
}
