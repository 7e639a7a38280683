import type { Mailer, OutsideCall } from 'gb-core';
import { LruMap } from 'gb-utils';
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
/** A name may lead elsewhere tomorrow: then its address is checked again. */
const addressMsMax = 600_000;

/**
 * Mail servers that bots name in their config.csv. They are a tenant's word, so only addresses of the public internet are
 * connected to, checked as for HTTP, at the ports of mail, and never with a password in the clear.
 */
export function createOwnMailers(options: OwnMailersOptions = {}): OwnMailers {
  const allow = new AllowList(options.allow ?? []);
  const mailers = new LruMap<string, { readonly mailer: Mailer; readonly untilMs: number }>(mailersMax);
  const open = new Set<Mailer>();

  return {
    async mailerFor({ url, from }, call) {
      const id = JSON.stringify([call.customerId, url, from]);
      const known = mailers.get(id);
      if (known && known.untilMs > call.nowMs) return known.mailer;
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
        // One that is pushed out of the list closes with this process; its idle connection ends by itself.
        open.add(mailer);
        mailers.set(id, { mailer, untilMs: call.nowMs + addressMsMax });
        await known?.mailer.close();
        if (known) open.delete(known.mailer);
        return mailer;
      } catch (error) {
        throw error instanceof MailFailed ? toOperationFailed(error) : error;
      }
    },
    async close() {
      await Promise.all([...open].map((mailer) => mailer.close()));
      open.clear();
    },
  };
}
