import { randomUUID } from 'node:crypto';
import type { CustomerId } from 'gb-protocol';
import type { EventBus, Signal } from '../ports/index.ts';
import { QuotaExceeded } from './quota-exceeded.ts';

/** Processes tell each other of customers with at least so many connections; fewer add up to little. */
const toldFrom = 10;
const beatMs = 5_000;
/** Told again after so many beats, for who missed it ... */
const repeatBeats = 6;
/** ... and believed for so long after it was heard. */
const believedMs = 3 * repeatBeats * beatMs;

interface Elsewhere {
  readonly connections: number;
  readonly heardAtMs: number;
}

interface Here {
  connections: number;
  told: number;
  toldAtBeat: number;
}

/**
 * How many connections the people and programs of a customer have at all processes. Exact here; of the others by what
 * they tell every five seconds on the bus, so a customer may have more for that long, by what it opens in it elsewhere.
 */
export class ConnectionMeter {
  readonly #bus: EventBus;
  readonly #nowMs: () => number;
  readonly #onCounted: (customerId: CustomerId, used: number, most: number) => void;
  readonly #nodeId = randomUUID();
  readonly #here = new Map<CustomerId, Here>();
  readonly #elsewhere = new Map<CustomerId, Map<string, Elsewhere>>();
  readonly #timer = setInterval(() => this.beat(), beatMs).unref();
  readonly #stop: () => void;
  #beat = 0;

  constructor(options: {
    bus: EventBus;
    onCounted: (customerId: CustomerId, used: number, most: number) => void;
    nowMs?: () => number;
  }) {
    this.#bus = options.bus;
    this.#onCounted = options.onCounted;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#stop = this.#bus.onSignal((signal) => signal.type === 'connections' && this.#hear(signal));
  }

  /** Counts one; to be called when it ends, once or more often. Fails with `quota_exceeded`. */
  open(customerId: CustomerId, most: number | null): () => void {
    const used = this.of(customerId);
    if (most !== null) this.#onCounted(customerId, used, most);
    if (most !== null && used >= most) throw new QuotaExceeded({ name: 'connections', used, most }, { retryAfterMs: 60_000 });
    const here = this.#here.get(customerId) ?? { connections: 0, told: 0, toldAtBeat: this.#beat };
    here.connections += 1;
    this.#here.set(customerId, here);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      here.connections -= 1;
      // One that was told of is told once more, that it has none.
      if (here.connections === 0 && here.told === 0) this.#here.delete(customerId);
    };
  }

  of(customerId: CustomerId): number {
    let sum = this.#here.get(customerId)?.connections ?? 0;
    const oldestMs = this.#nowMs() - believedMs;
    for (const { connections, heardAtMs } of this.#elsewhere.get(customerId)?.values() ?? [])
      if (heardAtMs >= oldestMs) sum += connections;
    return sum;
  }

  /** Tells the others what changed here, and forgets what was not heard for long. */
  beat(): void {
    this.#beat += 1;
    for (const [customerId, here] of this.#here) {
      const shown = here.connections >= toldFrom ? here.connections : 0;
      const isRepeated = shown > 0 && this.#beat - here.toldAtBeat >= repeatBeats;
      if (shown === here.told && !isRepeated) continue;
      here.told = shown;
      here.toldAtBeat = this.#beat;
      this.#bus.signal({ type: 'connections', customerId, nodeId: this.#nodeId, connections: shown });
      if (here.connections === 0) this.#here.delete(customerId);
    }
    const oldestMs = this.#nowMs() - believedMs;
    for (const [customerId, nodes] of this.#elsewhere) {
      for (const [nodeId, { heardAtMs }] of nodes) if (heardAtMs < oldestMs) nodes.delete(nodeId);
      if (nodes.size === 0) this.#elsewhere.delete(customerId);
    }
  }

  #hear({ customerId, nodeId, connections }: Extract<Signal, { type: 'connections' }>): void {
    // From another version of the program perhaps, and it is added up: what is no number is not believed.
    if (nodeId === this.#nodeId || typeof nodeId !== 'string' || !Number.isSafeInteger(connections)) return;
    const nodes = this.#elsewhere.get(customerId) ?? new Map<string, Elsewhere>();
    if (connections > 0) this.#elsewhere.set(customerId, nodes.set(nodeId, { connections, heardAtMs: this.#nowMs() }));
    else nodes.delete(nodeId);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stop();
  }
}
