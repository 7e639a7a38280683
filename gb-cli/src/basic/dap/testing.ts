import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { DebugProtocol as Protocol } from '@vscode/debugprotocol';
import { spawnGb } from '../testing.ts';

/** An editor that debugs, as far as the wire is concerned: the real adapter is a process of its own. */
export class DebugClient {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, { resolve: (response: Protocol.Response) => void; reject: (error: Error) => void }>();
  readonly #events: Protocol.Event[] = [];
  readonly #listeners = new Set<() => void>();
  readonly ended: Promise<number | null>;
  /** All the program has said so far. */
  output = '';
  #bytes: Buffer = Buffer.alloc(0);
  #seq = 0;

  constructor(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawnGb(['basic', 'dap', ...args], { env });
    this.#child.stdout.on('data', (bytes: Buffer) => this.#onBytes(bytes));
    this.#child.stdin.on('error', () => {}); // the adapter is gone: what waits for it is refused below
    this.ended = new Promise((resolve) => this.#child.on('close', resolve));
    void this.ended.then((code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the adapter ended with ${code}`));
    });
  }

  /** The body of a response; a refusal rejects with its message. */
  async ask<Body>(command: string, args: object = {}): Promise<Body> {
    const seq = ++this.#seq;
    const response = await new Promise<Protocol.Response>((resolve, reject) => {
      this.#waiting.set(seq, { resolve, reject });
      const body = JSON.stringify({ seq, type: 'request', command, arguments: args });
      this.#child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
    if (!response.success) throw new Error(response.message);
    return response.body as Body;
  }

  /** The next event of this kind, past or to come; each is given out once. */
  async event<Body>(name: string): Promise<Body> {
    for (;;) {
      const index = this.#events.findIndex(({ event }) => event === name);
      if (index >= 0) return this.#events.splice(index, 1)[0]!.body as Body;
      await this.#news();
    }
  }

  /** Until the program has said this. */
  async said(text: string): Promise<void> {
    while (!this.output.includes(text)) await this.#news();
  }

  /** What the console itself said, apart from the program. */
  async told(category: string): Promise<string> {
    for (;;) {
      const index = this.#events.findIndex(({ event, body }) => event === 'output' && body.category === category);
      if (index >= 0) return this.#events.splice(index, 1)[0]!.body.output as string;
      await this.#news();
    }
  }

  /** The editor is gone without a word. */
  hangUp(): void {
    this.#child.stdin.end();
  }

  kill(): void {
    this.#child.kill();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.#listeners.add(resolve));
  }

  #onBytes(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const head = /^Content-Length: (\d+)\r\n\r\n/.exec(this.#bytes.toString('latin1', 0, 100));
      if (!head) return;
      const end = head[0].length + Number(head[1]);
      if (this.#bytes.length < end) return;
      const message = JSON.parse(this.#bytes.toString('utf8', head[0].length, end)) as Protocol.ProtocolMessage;
      this.#bytes = this.#bytes.subarray(end);
      if (message.type === 'response') {
        const response = message as Protocol.Response;
        this.#waiting.get(response.request_seq)?.resolve(response);
        this.#waiting.delete(response.request_seq);
      } else this.#onEvent(message as Protocol.Event);
    }
  }

  #onEvent(event: Protocol.Event): void {
    if (event.event === 'output' && event.body.category === 'stdout') this.output += event.body.output;
    else this.#events.push(event);
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
