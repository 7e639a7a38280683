import type { Logger } from 'gb-utils';
import type { ShardLogins } from '../shards/open-sharded-store.ts';
import { follow, SiteWatch } from './site-watch.ts';

export interface RegionalLogins {
  /** To be used as those of any database; they lead to where it may be written. */
  readonly logins: ShardLogins;
  readonly watch: SiteWatch;
}

export interface RegionalLoginsOptions {
  readonly name: string;
  /** By region. */
  readonly sites: ReadonlyMap<string, ShardLogins>;
  /** Where this process is; null when it may be anywhere. */
  readonly region: string | null;
  readonly log: Logger;
}

/** Log-ins of a database that has copies in several regions. Whoever opened them closes the watch, last. */
export async function openRegionalLogins({ name, sites, region, log }: RegionalLoginsOptions): Promise<RegionalLogins> {
  const watch = new SiteWatch({ name, log, sites: [...sites].map(([at, { owner }]) => ({ region: at, owner })) });
  await watch.start();
  const { owner, app, relay } = sites.values().next().value!;
  const isNear = () => region === null || watch.region === null || watch.region === region;
  return {
    watch,
    logins: { owner: follow(owner, watch), app: follow(app, watch), relay: follow(relay, watch), hasLease: true, isNear },
  };
}
