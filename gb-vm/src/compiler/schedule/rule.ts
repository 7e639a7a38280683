/**
 * When something happens. `cron` has five fields, or six with one fixed second; `every` counts from 1970, so it never
 * drifts; `once` is a time on the wall, or an instant when it ends with Z.
 */
export type ScheduleRule =
  | { readonly kind: 'cron'; readonly cron: string }
  | { readonly kind: 'minutes'; readonly every: number }
  /** Days whose number since 1970-01-01 leaves `phase` when divided by `every`, at `time` on the wall, `09:30`. */
  | { readonly kind: 'days'; readonly every: number; readonly phase: number; readonly time: string }
  | { readonly kind: 'once'; readonly at: string };
