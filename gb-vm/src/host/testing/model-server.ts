import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { crc32, deflateSync } from 'node:zlib';

/**
 * A server that speaks the protocol of OpenAI over real HTTP: answers that stream piece by piece, calls of tools in
 * pieces, vectors, pictures, voices, errors, and streams that are slow or break off. It understands nothing: what it
 * answers is said by rules, of which the first that fits is taken.
 */
export interface ModelServer {
  /** With the `/v1`. */
  readonly url: string;
  readonly key: string;
  /** What it was asked, oldest first. */
  readonly asked: readonly Asked[];
  /** The rules from here on, the first that fits; one with `times` is used up. */
  script(...rules: readonly Rule[]): void;
  close(): Promise<void>;
}

export interface Asked {
  readonly path: string;
  /** Of a form, its fields. */
  readonly body: Record<string, unknown>;
  readonly headers: IncomingMessage['headers'];
  readonly messages: readonly { role: string; content: unknown; tool_call_id?: string; tool_calls?: unknown[] }[];
  /** The text of the last message, whoever said it; else the prompt or input. */
  readonly last: string;
}

export interface Rule {
  /** What `last` contains, or anything about a question. Every question when it is left out. */
  readonly when?: string | RegExp | ((asked: Asked) => boolean);
  /** How often it is used. */
  readonly times?: number;
  readonly say?: string | ((asked: Asked) => string);
  readonly call?: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly stop?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: string;
  /** Before the first piece, and between two. */
  readonly waitMs?: number;
  readonly pieceMs?: number;
  /** The connection is cut after so many pieces. */
  readonly cutAfter?: number;
  /** Sent as it is, in place of a stream. */
  readonly raw?: string;
  /** One JSON answer though a stream was asked for. */
  readonly isWhole?: boolean;
}

export async function startModelServer(): Promise<ModelServer> {
  const key = 'sk-test-key';
  const asked: Asked[] = [];
  let rules: { rule: Rule; left: number }[] = [];
  const films = new Map<string, { looks: number; rule: Rule | null }>();

  const ruleFor = (question: Asked): Rule | null => {
    const found = rules.find(({ rule, left }) => left > 0 && fits(rule, question));
    if (!found) return null;
    found.left--;
    return found.rule;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').replace(/^\/v1\//, '');
    if (request.headers.authorization !== `Bearer ${key}`) {
      fail(response, 401, `Incorrect API key provided: ${request.headers.authorization ?? 'none'}`);
      return;
    }
    const question = await read(request, path);
    if (request.method === 'POST') asked.push(question);
    const film = /^videos\/([^/]+)(\/content)?$/.exec(path);
    if (film) {
      const job = films.get(film[1]!);
      if (!job) fail(response, 404, 'There is no such film');
      else if (film[2]) response.setHeader('content-type', 'video/mp4').end(`film of ${film[1]}`);
      else {
        job.looks++;
        const failed = job.rule?.error;
        json(response, {
          id: film[1],
          status: job.looks < 2 ? 'in_progress' : failed ? 'failed' : 'completed',
          ...(failed ? { error: { message: failed } } : {}),
        });
      }
      return;
    }
    const rule = ruleFor(question);
    if (rule?.waitMs) await pause(rule.waitMs);
    if (rule?.status !== undefined && rule.status !== 200) {
      for (const [name, value] of Object.entries(rule.headers ?? {})) response.setHeader(name, value);
      fail(response, rule.status, rule.error ?? 'as it was told to');
      return;
    }
    if (rule?.raw !== undefined && path !== 'chat/completions') {
      response.setHeader('content-type', 'application/json').end(rule.raw);
      return;
    }
    switch (path) {
      case 'chat/completions':
        return chat(response, question, rule);
      case 'embeddings':
        return json(response, {
          data: [question.body['input']].flat().map((text, index) => ({ index, embedding: vectorOf(String(text)) })),
        });
      case 'images/generations':
        return json(response, { data: [{ b64_json: picture().toString('base64') }] });
      case 'audio/speech':
        response.setHeader('content-type', 'audio/mpeg').end(`ID3 voice saying ${question.last}`);
        return;
      case 'audio/transcriptions':
        return json(response, { text: said(rule, question) });
      case 'videos': {
        const id = `film_${films.size + 1}`;
        films.set(id, { looks: 0, rule });
        return json(response, { id, status: 'queued' });
      }
      default:
        fail(response, 404, `There is no ${path}`);
    }
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else fail(response, 500, String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    key,
    asked,
    script: (...next) => {
      rules = next.map((rule) => ({ rule, left: rule.times ?? Number.POSITIVE_INFINITY }));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function chat(response: ServerResponse, question: Asked, rule: Rule | null): Promise<void> {
  const text = rule?.call ? '' : said(rule, question);
  const usage = { prompt_tokens: JSON.stringify(question.messages).length >> 2, completion_tokens: text.length >> 2 };
  const calls = (rule?.call ?? []).map((call, index) => ({
    index,
    id: `call_${question.messages.length}_${index}`,
    type: 'function',
    function: {
      name: call.name,
      arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
    },
  }));
  const stop = rule?.stop ?? (calls.length > 0 ? 'tool_calls' : 'stop');
  if (question.body['stream'] !== true || rule?.isWhole) {
    const message = { role: 'assistant', content: text, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
    return json(response, { choices: [{ index: 0, message, finish_reason: stop }], usage });
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (rule?.raw !== undefined) {
    response.end(rule.raw);
    return;
  }
  const delta = (piece: unknown, reason: string | null = null) => ({
    id: 'c',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: piece, finish_reason: reason }],
  });
  const pieces = [
    delta({ role: 'assistant', content: '' }),
    ...(text.match(/[\s\S]{1,7}/gu) ?? []).map((content) => delta({ content })),
    ...callPieces(calls).map((call) => delta({ tool_calls: [call] })),
    delta({}, stop),
    { id: 'c', object: 'chat.completion.chunk', choices: [], usage },
  ];
  let sent = 0;
  for (const piece of pieces) {
    if (rule?.cutAfter === sent) {
      await pause(50); // What was sent arrives first: a cut throws away what is on its way.
      response.destroy();
      return;
    }
    // A comment and a CR LF now and then: both are allowed.
    response.write(
      `${sent === 1 ? ': still here\r\n' : ''}data: ${JSON.stringify(piece)}${sent % 2 === 0 ? '\n\n' : '\r\n\r\n'}`,
    );
    sent++;
    if (rule?.pieceMs) await pause(rule.pieceMs);
  }
  response.end('data: [DONE]\n\n');
}

/** As OpenAI's own server has them: the name first, then the arguments in pieces, the calls one after the other. */
function callPieces(
  calls: readonly { index: number; id: string; type: string; function: { name: string; arguments: string } }[],
) {
  return calls.flatMap((call) => [
    { ...call, function: { name: call.function.name, arguments: '' } },
    ...(call.function.arguments.match(/[\s\S]{1,9}/gu) ?? []).map((part) => ({
      index: call.index,
      function: { arguments: part },
    })),
  ]);
}

function said(rule: Rule | null, question: Asked): string {
  if (typeof rule?.say === 'function') return rule.say(question);
  return rule?.say ?? `You said: ${question.last}`;
}

function fits({ when }: Rule, question: Asked): boolean {
  if (when === undefined) return true;
  if (typeof when === 'function') return when(question);
  return typeof when === 'string' ? question.last.includes(when) : when.test(question.last);
}

async function read(request: IncomingMessage, path: string): Promise<Asked> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const bytes = Buffer.concat(parts);
  const { headers } = request;
  let body: Record<string, unknown> = {};
  if (headers['content-type']?.startsWith('multipart/')) {
    const form = await new Response(bytes, { headers: { 'content-type': headers['content-type'] } }).formData();
    for (const [name, value] of form)
      body[name] = typeof value === 'string' ? value : { name: value.name, type: value.type, text: await value.text() };
  } else if (bytes.length > 0) body = JSON.parse(bytes.toString()) as Record<string, unknown>;
  const messages = (body['messages'] ?? []) as Asked['messages'];
  const last = messages.at(-1)?.content ?? body['prompt'] ?? body['input'] ?? '';
  const text = Array.isArray(last) ? last.map((part) => (part as { text?: string }).text ?? '').join('') : String(last);
  return { path, body, headers, messages, last: text };
}

const vectorSize = 256;

/** Counts words, each at a place of its own: texts that share words point the same way. */
export function vectorOf(text: string): number[] {
  const vector = Array<number>(vectorSize).fill(0);
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  for (const word of plain.match(/[\p{L}\p{N}]{3,}/gu) ?? []) vector[crc32(word) % vectorSize]! += 1;
  return vector;
}

/** One blue pixel, as PNG. */
export function picture(): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    const check = Buffer.alloc(4);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([size, body, check]);
  };
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]);
  const pixel = deflateSync(Buffer.from([0, 30, 90, 200]));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixel), chunk('IEND', Buffer.alloc(0))]);
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
}

function fail(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message } }));
}
