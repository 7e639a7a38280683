import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawnGb } from '../testing.ts';

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** An editor, as far as the wire is concerned: the real server is a process of its own. */
export class Editor {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  readonly #heard: Message[] = [];
  readonly #listeners = new Set<() => void>();
  readonly ended: Promise<number | null>;
  #bytes: Buffer = Buffer.alloc(0);
  #id = 0;

  constructor(args: readonly string[] = []) {
    this.#child = spawnGb(['basic', 'lsp', '--stdio', ...args]);
    this.#child.stdout.on('data', (bytes: Buffer) => this.#onBytes(bytes));
    this.#child.stdin.on('error', () => {}); // the server is gone: what waits for it is refused below
    this.ended = new Promise((resolve) => this.#child.on('close', resolve));
    void this.ended.then((code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the server ended with ${code}`));
    });
  }

  /** Says hello and gives back what the server can do. */
  async start(params: object = {}): Promise<{ capabilities: Record<string, unknown> }> {
    const capabilities = { textDocument: { completion: { completionItem: { snippetSupport: true } } } };
    const result = await this.ask('initialize', { processId: process.pid, rootUri: null, capabilities, ...params });
    this.tell('initialized', {});
    return result as { capabilities: Record<string, unknown> };
  }

  ask(method: string, params: unknown): Promise<unknown> {
    return this.request(method, params).result;
  }

  request(method: string, params: unknown): { readonly id: number; readonly result: Promise<unknown> } {
    const id = ++this.#id;
    const result = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.send({ jsonrpc: '2.0', id, method, params });
    return { id, result };
  }

  tell(method: string, params: unknown): void {
    this.send({ jsonrpc: '2.0', method, params });
  }

  send(message: object): void {
    const body = JSON.stringify(message);
    this.raw(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  raw(text: string): void {
    this.#child.stdin.write(text);
  }

  open(uri: string, text: string): void {
    this.tell('textDocument/didOpen', { textDocument: { uri, languageId: 'basic', version: 1, text } });
  }

  change(uri: string, version: number, range: object, text: string): void {
    this.tell('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ range, text }] });
  }

  /** The next notification, past or to come, that fits; each is given out once. */
  async hear<T>(method: string, fits: (params: T) => boolean = () => true): Promise<T> {
    for (;;) {
      const index = this.#heard.findIndex((one) => one.method === method && fits(one.params as T));
      if (index >= 0) return this.#heard.splice(index, 1)[0]!.params as T;
      await new Promise<void>((resolve) => this.#listeners.add(resolve));
    }
  }

  /** Ends as editors do; gives back the exit code. */
  async quit(): Promise<number | null> {
    await this.ask('shutdown', null);
    this.tell('exit', null);
    return this.ended;
  }

  kill(): void {
    this.#child.kill();
  }

  #onBytes(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const head = /^Content-Length: (\d+)\r\n(?:[^\r]+\r\n)*\r\n/.exec(this.#bytes.toString('latin1', 0, 200));
      if (!head) return;
      const end = head[0].length + Number(head[1]);
      if (this.#bytes.length < end) return;
      const message = JSON.parse(this.#bytes.toString('utf8', head[0].length, end)) as Message;
      this.#bytes = this.#bytes.subarray(end);
      this.#onMessage(message);
    }
  }

  #onMessage(message: Message): void {
    const waiting = message.method === undefined && typeof message.id === 'number' ? this.#waiting.get(message.id) : undefined;
    if (!waiting) {
      this.#heard.push(message);
      for (const listener of this.#listeners) listener();
      this.#listeners.clear();
      return;
    }
    this.#waiting.delete(message.id as number);
    if (message.error) waiting.reject(Object.assign(new Error(message.error.message), { code: message.error.code }));
    else waiting.resolve(message.result);
  }
}
