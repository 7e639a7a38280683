import { GbError } from 'gb-utils';
import type { Peer, RegionError, RegionErrorKind, RegionMeta } from './messages.ts';

/** What follows from an error of a region. */
export type Verdict =
  | {
      readonly kind: 'again';
      /** What was known of the region: as right as before, wrong, led by another, or these. */
      readonly cache: 'keep' | 'drop' | { readonly leader: Peer } | { readonly regions: readonly RegionMeta[] };
      /** At least so long; null when something was learned that makes an attempt at once worth it. */
      readonly waitMs: number | null;
      /** The address of the store is another's now. */
      readonly isStoreWrong: boolean;
      /** The request may have been done, or may be yet. */
      readonly isUnknown: boolean;
    }
  /** In one request it is too much. */
  | { readonly kind: 'smaller' }
  | { readonly kind: 'fail'; readonly error: GbError };

const wait: Verdict = { kind: 'again', cache: 'keep', waitMs: 0, isStoreWrong: false, isUnknown: false };
const drop: Verdict = { kind: 'again', cache: 'drop', waitMs: 0, isStoreWrong: false, isUnknown: false };
const unknown: Verdict = { ...wait, isUnknown: true };

/** Longest wait a store may ask for, in milliseconds. */
const busyMsMax = 5_000;

const verdicts: { readonly [kind in RegionErrorKind]: (error: RegionError) => Verdict } = {
  not_leader: ({ not_leader }) => (not_leader?.leader ? { ...drop, cache: { leader: not_leader.leader }, waitMs: null } : drop),
  // Also the last word of a peer that is taken away to the requests that waited in it.
  region_not_found: () => ({ ...drop, isUnknown: true }),
  key_not_in_region: () => drop,
  epoch_not_match: ({ epoch_not_match }) => {
    const regions = epoch_not_match?.current_regions ?? [];
    return regions.length > 0 ? { ...drop, cache: { regions }, waitMs: null } : drop;
  },
  server_is_busy: ({ server_is_busy }) => ({ ...wait, waitMs: Math.min(Number(server_is_busy?.backoff_ms ?? 0), busyMsMax) }),
  // Its entry was in the log of a leader that is none any more: the next one may have kept it.
  stale_command: () => unknown,
  store_not_match: () => ({ ...drop, isStoreWrong: true }),
  raft_entry_too_large: () => ({ kind: 'smaller' }),
  max_timestamp_not_synced: () => wait,
  read_index_not_ready: () => wait,
  proposal_in_merging_mode: () => wait,
  data_is_not_ready: () => wait,
  region_not_initialized: () => wait,
  disk_full: ({ message }) => failed(`A store has no room left: ${message}`),
  RecoveryInProgress: () => wait,
  FlashbackInProgress: ({ message }) => failed(`The cluster is being set back in time: ${message}`),
  FlashbackNotPrepared: ({ message }) => failed(`The cluster is being set back in time: ${message}`),
  is_witness: () => drop,
  mismatch_peer_id: () => drop,
  bucket_version_not_match: () => drop,
  undetermined_result: () => unknown,
};

/** An error of no kind known here comes from a newer store, and could say anything: nothing is concluded from it. */
export function verdictOf(error: RegionError): Verdict {
  for (const [kind, verdict] of Object.entries(verdicts)) if (error[kind as RegionErrorKind]) return verdict(error);
  return unknown;
}

export function kindOf(error: RegionError): string {
  return Object.keys(verdicts).find((kind) => error[kind as RegionErrorKind]) ?? 'an error of no known kind';
}

function failed(message: string): Verdict {
  return { kind: 'fail', error: new GbError('unavailable', message, { retryable: true }) };
}
