import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sleep } from 'gb-utils';

const run = promisify(execFile);
const tool = fileURLToPath(new URL('../../../../tools/test-services.ts', import.meta.url));
const readyMsMax = 15_000;

/** The program, put in place where that can be done; null, with the reason said, where not. Under CI that is a failure. */
export async function redisProgram(): Promise<string | null> {
  const find = () =>
    ['redis-server', 'valkey-server']
      .flatMap((name) => (process.env['PATH'] ?? '').split(':').map((dir) => path.join(dir, name)))
      .find((file) => existsSync(file));
  const found = find();
  if (found) return found;
  const scratch = mkdtempSync(path.join(tmpdir(), 'gb-redis-'));
  let reason = '';
  try {
    for (const args of [['redis'], ['--down', 'redis']])
      reason += (await run(process.execPath, [tool, '--dir', scratch, ...args])).stderr;
  } catch (error) {
    reason += (error as Error).message;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const installed = find();
  if (installed) return installed;
  if (process.env['CI']) throw new Error(`Redis cannot be had: ${reason.trim()}`);
  process.stderr.write(`skipped: Redis: ${reason.trim()}\n`);
  return null;
}

/** A real server of a test's own, which it may kill, stop, let go on, and start again at the same port. */
export class TestRedis {
  readonly port: number;
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #dir = mkdtempSync(path.join(tmpdir(), 'gb-redis-'));
  readonly #probe: () => Promise<boolean>;
  #child: ChildProcess | null = null;

  private constructor(program: string, port: number, args: readonly string[], isTls: boolean) {
    this.#program = program;
    this.port = port;
    this.#args = args;
    this.#probe = () => answers(port, isTls);
  }

  /** `args` come after ours; a configuration file, for sentinels, is the first of them. */
  static async start(
    program: string,
    options: { port?: number; args?: readonly string[]; isTls?: boolean } = {},
  ): Promise<TestRedis> {
    const port = options.port ?? (await freePort());
    const server = new TestRedis(program, port, options.args ?? [], options.isTls ?? false);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const port = this.#args.some((arg) => arg.includes('--tls-port')) ? 0 : this.port;
    const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', this.#dir, '--save', '', '--appendonly', 'no'];
    const [first, ...rest] = this.#args;
    const args = first?.endsWith('.conf') ? [first, ...own, ...rest] : [...own, ...this.#args];
    const child = spawn(this.#program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said = `${said}${data}`.slice(-2_000)));
    this.#child = child;
    const untilMs = performance.now() + readyMsMax;
    while (!(await this.#probe())) {
      if (child.exitCode !== null || performance.now() > untilMs) throw new Error(`redis-server does not answer: ${said}`);
      await sleep(20);
    }
  }

  /** Without a farewell to anybody. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGCONT');
    child.kill(signal);
    await gone;
  }

  /** As whoever may speak to the server can: whatever bytes, on any topic. */
  async publish(topic: string, body: string): Promise<void> {
    const socket = connect(this.port, '127.0.0.1');
    const words = ['PUBLISH', topic, body].map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    socket.write(`*3\r\n${words.join('')}`);
    try {
      const [answer] = (await once(socket, 'data')) as [Buffer];
      if (answer[0] !== 0x3a) throw new Error(`The server did not take it: ${answer}`);
    } finally {
      socket.destroy();
    }
  }

  /** It keeps its connections and answers nothing. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** A way to a server that can be cut, for one of several clients of it. */
export class Wire {
  readonly #server = createServer();
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Set<Socket>();
  port = 0;
  isCut = false;
  /** What the server says arrives so much later. */
  delayMs = 0;

  static async to(target: number): Promise<Wire> {
    const wire = new Wire();
    wire.#server.on('connection', (socket) => {
      if (wire.isCut) return void socket.destroy();
      const inner = connect(target, '127.0.0.1');
      wire.#clients.add(socket);
      socket.on('close', () => wire.#clients.delete(socket));
      for (const [one, other] of [
        [socket, inner],
        [inner, socket],
      ] as const) {
        wire.#sockets.add(one);
        one.on('error', () => {}); // What is cut complains; `close` follows.
        one.on('close', () => {
          wire.#sockets.delete(one);
          other.destroy();
        });
      }
      socket.pipe(inner);
      inner.on('data', (data: Buffer) => {
        if (wire.delayMs === 0) socket.write(data);
        else setTimeout(() => socket.writable && socket.write(data), wire.delayMs);
      });
    });
    await new Promise<void>((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
    wire.port = (wire.#server.address() as { port: number }).port;
    return wire;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  /** Says something to every client that the server never said. */
  inject(bytes: string): void {
    for (const socket of this.#clients) socket.write(bytes);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Whether somebody speaks there: a PONG or a refusal of one; with TLS, an open port is all that is asked. */
function answers(port: number, isTls: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 }, () => {
      if (isTls) end(true);
      else socket.write('PING\r\n');
    });
    const end = (isFine: boolean) => {
      socket.destroy();
      resolve(isFine);
    };
    socket.on('data', (data) => end(/^(\+PONG|-NOAUTH|-NOPERM)/.test(data.toString())));
    for (const event of ['error', 'close', 'timeout']) socket.on(event, () => end(false));
  });
}
