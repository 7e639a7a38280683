import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Everything /metrics shows. Labels never carry a customer or a person: their number has no bound. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'gb_' });
  const registers = [registry];
  /** What is asked when somebody looks; the gateway puts its own in place. */
  const gateway = { presenceStrain: () => 0, presenceSeconds: () => 0, hellosWaiting: () => 0 };
  const asked = (name: string, help: string, read: keyof typeof gateway) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(gateway[read]());
      },
    });
  asked('gb_presence_strain', 'How far presence steps back for want of time: 0 not at all, 1 it is off', 'presenceStrain');
  asked(
    'gb_presence_seconds_total',
    'Time spent on presence, by the clock: more than the processor’s when others have it',
    'presenceSeconds',
  );
  asked('gb_hellos_waiting', 'Clients that said hello and wait for their turn', 'hellosWaiting');
  return {
    registry,
    gateway,
    connections: new Gauge({ name: 'gb_connections', help: 'Open WebSocket connections', registers }),
    framesIn: new Counter({
      name: 'gb_frames_received_total',
      help: 'Frames from clients, by type',
      labelNames: ['type'],
      registers,
    }),
    deliveries: new Counter({ name: 'gb_deliveries_total', help: 'Events written to sockets', registers }),
    writes: new Counter({
      name: 'gb_socket_writes_total',
      help: 'Writes to sockets that carried events; deliveries divided by it is how many share one',
      registers,
    }),
    resyncs: new Counter({
      name: 'gb_resyncs_total',
      help: 'Sockets that fell behind and were told to catch up from the log',
      registers,
    }),
    heads: new Counter({
      name: 'gb_heads_told_total',
      help: 'Writes to sockets that rest in busy channels, in place of their events',
      registers,
    }),
    putOff: new Counter({
      name: 'gb_hellos_put_off_total',
      help: 'Clients that were told to come again later, because too many came at once',
      registers,
    }),
    caughtUp: new Counter({
      name: 'gb_caught_up_events_total',
      help: 'Events that the bus may have missed and that were read from the log for those who follow',
      registers,
    }),
    ack: new Histogram({
      name: 'gb_send_ack_seconds',
      help: 'Time from a send frame to its acknowledgement',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    requests: new Histogram({
      name: 'gb_http_request_seconds',
      help: 'Time of REST requests, by route and status',
      labelNames: ['route', 'method', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    errors: new Counter({
      name: 'gb_errors_total',
      help: 'Errors answered to clients, by code',
      labelNames: ['code'],
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

/** Numbers that somebody else keeps and that are asked for when somebody looks. */
export interface FigureSource {
  /** Without the prefix; `_total` at its end makes it a counter in name. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Nothing is shown when it fails: whoever keeps them says why in the log. */
  read(): Promise<readonly Figure[]>;
}

export interface Figure {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Shows the figures of engines beside our own. */
export function showFigures(metrics: Metrics, sources: readonly FigureSource[]): void {
  for (const { name, help, labels = [], read } of sources) {
    new Gauge({
      name: `gb_${name}`,
      help,
      labelNames: [...labels],
      registers: [metrics.registry],
      async collect() {
        const figures = await read().catch(() => []);
        this.reset();
        for (const figure of figures) this.set({ ...figure.labels }, figure.value);
      },
    });
  }
}
