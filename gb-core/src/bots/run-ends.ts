import type { ConversationId, CustomerId } from 'gb-protocol';
import type { EventBus } from '../ports/index.ts';

/** Runs somebody in this process waits for, by the bus that tells of their ends. */
const listening = new WeakMap<EventBus, Map<string, Set<() => void>>>();

/** Tells `wake` when a run is said to have ended. What the bus loses has to be found by looking. Gives how to stop. */
export function onRunEnded(bus: EventBus, customerId: CustomerId, runId: ConversationId, wake: () => void): () => void {
  let waiting = listening.get(bus);
  if (!waiting) {
    const made = new Map<string, Set<() => void>>();
    waiting = made;
    listening.set(bus, made);
    bus.onSignal((signal) => {
      if (signal.type === 'run.ended') for (const one of made.get(`${signal.customerId}/${signal.runId}`) ?? []) one();
    });
  }
  const name = `${customerId}/${runId}`;
  const wakes = waiting.get(name) ?? new Set();
  waiting.set(name, wakes.add(wake));
  return () => {
    wakes.delete(wake);
    if (wakes.size === 0 && waiting.get(name) === wakes) waiting.delete(name);
  };
}
