import { OperationFailed } from '../operation.ts';

export interface GateLimits {
  /** Slots one customer may hold. */
  readonly customerSlotsMax: number;
  readonly slotsMax: number;
  /** Of them, the last few that are only for customers with nothing under way. */
  readonly slotsForNewcomers?: number;
  /** Requests that may wait, of one customer and of all; beyond it they are refused at once. */
  readonly customerWaitingMax: number;
  readonly waitingMax: number;
}

interface Waiter {
  readonly customer: string;
  readonly slots: number;
  go(): void;
}

/**
 * How many requests are under way at once: so many per customer, so many in all. The rest wait in the order they came,
 * but nobody waits behind another customer's full share, nor behind many customers who each have some.
 */
export class Gate {
  readonly #limits: GateLimits;
  readonly #held = new Map<string, number>();
  #heldByAll = 0;
  #waiting: Waiter[] = [];

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  /** Waits for a place and gives what returns it; calling that twice does no harm. A request may take several slots. */
  async enter(customer: string, slots: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const { customerSlotsMax, slotsMax, customerWaitingMax, waitingMax } = this.#limits;
    const taken = Math.min(slots, customerSlotsMax, slotsMax);
    if (this.#fits(customer, taken) && !this.#waiting.some((one) => one.customer === customer)) this.#take(customer, taken);
    else {
      const own = this.#waiting.filter((one) => one.customer === customer).length;
      if (own >= customerWaitingMax || this.#waiting.length >= waitingMax) throw tooManyRequests();
      await this.#turn(customer, taken, signal);
    }
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#give(customer, taken);
    };
  }

  #turn(customer: string, slots: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        customer,
        slots,
        go: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
    });
  }

  #fits(customer: string, slots: number): boolean {
    const { customerSlotsMax, slotsMax, slotsForNewcomers = 0 } = this.#limits;
    const held = this.#held.get(customer) ?? 0;
    const room = held === 0 ? slotsMax : Math.max(customerSlotsMax, slotsMax - slotsForNewcomers);
    return held + slots <= customerSlotsMax && this.#heldByAll + slots <= room;
  }

  #take(customer: string, slots: number): void {
    this.#held.set(customer, (this.#held.get(customer) ?? 0) + slots);
    this.#heldByAll += slots;
  }

  #give(customer: string, slots: number): void {
    const left = (this.#held.get(customer) ?? 0) - slots;
    if (left > 0) this.#held.set(customer, left);
    else this.#held.delete(customer);
    this.#heldByAll -= slots;
    const passed = new Set<string>();
    this.#waiting = this.#waiting.filter((one) => {
      // Of one customer the order is kept: a small request does not overtake a large one that waits.
      if (passed.has(one.customer) || !this.#fits(one.customer, one.slots)) {
        passed.add(one.customer);
        return true;
      }
      this.#take(one.customer, one.slots);
      one.go();
      return false;
    });
  }
}

function tooManyRequests(): OperationFailed {
  return new OperationFailed(
    { en: 'too many requests to other systems are waiting', pt: 'há requisições demais a outros sistemas na fila' },
    'limit_reached',
  );
}
