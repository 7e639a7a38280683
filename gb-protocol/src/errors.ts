import type { QuotaFacts } from './quotas.ts';

/**
 * Every error code a client can meet, with the HTTP status it travels under and whether the same request may succeed
 * later. Codes are stable: a code is never renamed or reused, only added.
 */
export const errorCodes = {
  // The request itself
  malformed: { status: 400, retryable: false, meaning: 'The request is not valid JSON, not valid UTF-8, or lacks a field.' },
  unknown_frame: { status: 400, retryable: false, meaning: 'The frame has a type this server does not know.' },
  too_large: { status: 413, retryable: false, meaning: 'The frame, body or text is over its limit.' },
  version_unsupported: { status: 400, retryable: false, meaning: 'The client speaks a protocol version this server does not.' },
  invalid_cursor: { status: 400, retryable: false, meaning: 'The epoch or sequence number is not one this channel gave out.' },
  duplicate_client_id: {
    status: 409,
    retryable: false,
    meaning: 'This client id was used before with other content; the first content stands.',
  },
  // Who is asking
  unauthenticated: { status: 401, retryable: false, meaning: 'There is no session, or it has ended.' },
  wrong_credentials: { status: 401, retryable: false, meaning: 'E-mail and password do not match an account.' },
  csrf: { status: 403, retryable: false, meaning: 'The request came from another site.' },
  forbidden: { status: 403, retryable: false, meaning: 'The person may see this, but not do it.' },
  not_found: { status: 404, retryable: false, meaning: 'It does not exist, or the person may not know that it does.' },
  // The state of things
  channel_archived: { status: 409, retryable: false, meaning: 'The channel is archived and takes no new messages.' },
  message_deleted: { status: 409, retryable: false, meaning: 'The message was deleted.' },
  name_taken: { status: 409, retryable: false, meaning: 'The name is in use.' },
  email_taken: { status: 409, retryable: false, meaning: 'An account with this e-mail exists.' },
  last_owner: { status: 409, retryable: false, meaning: 'An organization keeps at least one owner.' },
  already_set_up: { status: 409, retryable: false, meaning: 'This server has its organization; ask for an invitation.' },
  invitation_invalid: { status: 410, retryable: false, meaning: 'The invitation has expired, was used up, or was withdrawn.' },
  program_invalid: { status: 422, retryable: false, meaning: 'The program does not compile; `diagnostics` says why.' },
  password_weak: { status: 422, retryable: false, meaning: 'The password is too short or too common.' },
  quota_exceeded: { status: 403, retryable: false, meaning: 'A limit of the plan was reached.' },
  moved_on: { status: 409, retryable: false, meaning: 'It has changed since it was read; read it again.' },
  run_failed: {
    status: 422,
    retryable: false,
    meaning: 'The script that was started ended with an error; the log of its bot says where.',
  },
  // Not now
  rate_limited: { status: 429, retryable: true, meaning: 'Too many requests; `retryAfterMs` says when to try again.' },
  overloaded: { status: 503, retryable: true, meaning: 'The server has too much to do; try again in a moment.' },
  unavailable: { status: 503, retryable: true, meaning: 'A part the request needs is away; nothing was done.' },
  internal: { status: 500, retryable: true, meaning: 'The server failed; it is not known whether the request took effect.' },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** Body of every REST error and, with `type` and `id`, of every error frame. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  /** The field at fault, as a JSON pointer, where one is. */
  readonly field?: string;
  readonly diagnostics?: readonly unknown[];
  /** With `quota_exceeded`, where the whole organization has a bound: which, and how much of it is used. */
  readonly quota?: QuotaFacts;
}

/**
 * WebSocket close codes (RFC 6455, section 7.4.2: 4000-4999 are private use).
 * 4000-4399: connect again, after the backoff. 4400-4999: do not, something has to change first.
 */
export const closeCodes = {
  goingAway: 4000,
  helloTimeout: 4001,
  silent: 4002,
  internal: 4003,
  overloaded: 4005,
  tooManyFrames: 4029,
  malformed: 4400,
  unauthenticated: 4401,
  forbidden: 4403,
  versionUnsupported: 4408,
  tooLarge: 4413,
} as const;

export function mayReconnect(closeCode: number): boolean {
  return closeCode < 4400 || closeCode > 4999;
}
