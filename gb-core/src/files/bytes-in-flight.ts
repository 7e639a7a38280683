import type { CustomerId } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { OperationFailed } from '../operation-failed.ts';
import type { ObjectStore } from '../ports/index.ts';

export interface BytesLimits {
  /** Of all customers, and of one. */
  readonly bytesMax: number;
  readonly customerBytesMax: number;
  /** The last of them are for customers who hold, with what they want, no more than `smallBytesMax`. */
  readonly bytesForSmall: number;
  readonly smallBytesMax: number;
  /** How long who holds nothing waits for room; and who holds some already, since others may wait for those. */
  readonly waitMsMax: number;
  readonly holderWaitMsMax: number;
  /** Of one customer; beyond it they are refused at once, and nobody else is. */
  readonly customerWaitingMax: number;
}

const MiB = 1024 * 1024;

export const bytesLimits: BytesLimits = {
  bytesMax: 384 * MiB,
  customerBytesMax: 128 * MiB,
  bytesForSmall: 96 * MiB,
  smallBytesMax: 16 * MiB,
  waitMsMax: 60_000,
  holderWaitMsMax: 5_000,
  customerWaitingMax: 200,
};

/** What one piece of work holds, until it is done. */
export interface BytesHeld {
  /**
   * Makes room for so many bytes more. Fails with `overloaded`, which may be retried, when none gets free in time, and with
   * an error of the program when one piece of work wants more than there ever is.
   */
  take(bytes: number): Promise<void>;
  /** Twice without harm. */
  release(): void;
}

interface Waiting {
  readonly bytes: number;
  readonly go: () => void;
}

/**
 * How much of files is in memory at once, in this process: so much for one customer, so much for all. Who finds no room
 * waits: those of one customer in order, and customers take turns, so whoever reads much delays only themselves.
 */
export class BytesInFlight {
  readonly #limits: BytesLimits;
  readonly #heldBy = new Map<CustomerId, number>();
  /** By customer; the one that waits longest for a turn stands first. */
  readonly #waiting = new Map<CustomerId, Waiting[]>();
  #held = 0;

  constructor(limits: BytesLimits = bytesLimits) {
    this.#limits = limits;
  }

  hold(customerId: CustomerId): BytesHeld {
    let mine = 0;
    let isReleased = false;
    return {
      take: async (bytes) => {
        const { customerBytesMax, waitMsMax, holderWaitMsMax } = this.#limits;
        if (mine + bytes > customerBytesMax) throw tooMuch(customerBytesMax);
        if (this.#fits(customerId, bytes) && !this.#waiting.has(customerId)) this.#count(customerId, bytes);
        else await this.#turn(customerId, bytes, mine > 0 ? holderWaitMsMax : waitMsMax);
        // Given up meanwhile: whoever gave it up does not come back to let it go.
        if (isReleased) this.#let(customerId, bytes);
        else mine += bytes;
      },
      release: () => {
        if (isReleased) return;
        isReleased = true;
        if (mine > 0) this.#let(customerId, mine);
      },
    };
  }

  #turn(customerId: CustomerId, bytes: number, msMax: number): Promise<void> {
    const queue = this.#waiting.get(customerId) ?? [];
    if (queue.length >= this.#limits.customerWaitingMax) throw noRoom();
    this.#waiting.set(customerId, queue);
    return new Promise((resolve, reject) => {
      const one: Waiting = {
        bytes,
        go: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#leave(customerId, queue, one);
        reject(noRoom());
      }, msMax);
      queue.push(one);
    });
  }

  #leave(customerId: CustomerId, queue: Waiting[], one: Waiting): void {
    queue.splice(queue.indexOf(one), 1);
    if (queue.length === 0 && this.#waiting.get(customerId) === queue) this.#waiting.delete(customerId);
    // Who wanted less may have stood behind it.
    this.#admit();
  }

  #fits(customerId: CustomerId, bytes: number): boolean {
    const { bytesMax, customerBytesMax, bytesForSmall, smallBytesMax } = this.#limits;
    const own = (this.#heldBy.get(customerId) ?? 0) + bytes;
    // A few who hold all they may, as long as they may, leave everybody else something.
    const room = own <= smallBytesMax ? bytesMax : bytesMax - bytesForSmall;
    return own <= customerBytesMax && this.#held + bytes <= room;
  }

  #count(customerId: CustomerId, change: number): void {
    this.#held += change;
    const held = (this.#heldBy.get(customerId) ?? 0) + change;
    if (held === 0) this.#heldBy.delete(customerId);
    else this.#heldBy.set(customerId, held);
  }

  #let(customerId: CustomerId, bytes: number): void {
    this.#count(customerId, -bytes);
    this.#admit();
  }

  /** Whoever is let in has its room at once, so that nobody slips in between. */
  #admit(): void {
    for (const [customerId, queue] of [...this.#waiting]) {
      const first = queue[0];
      if (!first || !this.#fits(customerId, first.bytes)) continue;
      queue.shift();
      // To the end of the round.
      this.#waiting.delete(customerId);
      if (queue.length > 0) this.#waiting.set(customerId, queue);
      this.#count(customerId, first.bytes);
      first.go();
    }
  }
}

const ofStores = new WeakMap<ObjectStore, BytesInFlight>();

/** The one account of this process for files of a store. */
export function bytesInFlight(objects: ObjectStore): BytesInFlight {
  const known = ofStores.get(objects);
  if (known) return known;
  const made = new BytesInFlight();
  ofStores.set(objects, made);
  return made;
}

function noRoom(): GbError {
  return new GbError('overloaded', 'Too many files are being worked on', { retryable: true });
}

function tooMuch(bytesMax: number): OperationFailed {
  const megabytes = Math.floor(bytesMax / MiB);
  return new OperationFailed(
    { en: `files of more than ${megabytes} MB at once`, pt: `arquivos de mais de ${megabytes} MB de uma vez` },
    'limit_reached',
  );
}
