/** From what on the gateway gives up something to keep up with messages. */
export interface GatewayTuning {
  /** Customers with more connections here, or people altogether, hear of channels they watch only, not of everybody. */
  readonly everybodyMax: number;
  /** Entries times followers in a second from which on a channel is busy: the default is about a quarter of a processor. */
  readonly busyPerSecond: number;
  /** A channel with fewer followers here is never busy: telling everything costs little. */
  readonly busyFollowersMin: number;
  /** Those who rest in a busy channel are told the head this often, or as rarely as it takes a twentieth of the process. */
  readonly headMs: number;
}

export const defaultTuning: GatewayTuning = {
  everybodyMax: 2_000,
  busyPerSecond: 30_000,
  busyFollowersMin: 500,
  headMs: 1_000,
};
