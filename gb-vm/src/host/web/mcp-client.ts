import type { PlainValue } from 'gb-core';
import { eventsOf } from '../ai/server-sent-events.ts';
import { OperationFailed } from '../operation.ts';
import { textOfAnswer } from './content.ts';
import type { HttpStream } from './http-client.ts';
import { HttpFailed, shownAddress } from './http-failed.ts';
import { streamOf } from './http-fetch.ts';
import { dataOf, wordOf } from './values.ts';
import type { WebCall } from './web-call.ts';
import { isObject } from './web-state.ts';

/** The version of the protocol we ask for; the server answers with the one it speaks. */
const protocolVersion = '2025-06-18';
const answerBytesMax = 5 * 1_048_576;
const answerMsMax = 60_000;
const farewellMsMax = 2_000;
const toolPagesMax = 10;

export interface McpTool {
  readonly name: string;
  /** JSON schema of its arguments. */
  readonly inputSchema: { readonly [name: string]: PlainValue };
}

/** A session with an MCP server over streamable HTTP. It lasts for one operation: nothing waits on either side. */
export class McpSession {
  readonly #web: WebCall;
  readonly #address: URL;
  #headers: Readonly<Record<string, string>>;
  #nextId = 1;

  private constructor(web: WebCall, address: URL, key: string | undefined) {
    this.#web = web;
    this.#address = address;
    this.#headers = key ? { authorization: `Bearer ${key}` } : {};
  }

  static async open(web: WebCall, address: URL, key: string | undefined): Promise<McpSession> {
    const session = new McpSession(web, address, key);
    const about = { protocolVersion, capabilities: {}, clientInfo: { name: 'general-bots', version: '6' } };
    const hello = await session.#ask('initialize', about);
    const version = isObject(hello) ? hello['protocolVersion'] : null;
    if (typeof version !== 'string') throw session.#strange();
    session.#headers = { ...session.#headers, 'mcp-protocol-version': version };
    await session.#tell('notifications/initialized');
    return session;
  }

  /** Its tools, as far as a server with very many lists them at all. */
  async tools(): Promise<readonly McpTool[]> {
    const tools: McpTool[] = [];
    let cursor: PlainValue | undefined;
    for (let page = 0; page < toolPagesMax; page++) {
      const listed = await this.#ask('tools/list', cursor === undefined ? {} : { cursor });
      if (!isObject(listed) || !Array.isArray(listed['tools'])) throw this.#strange();
      for (const tool of listed['tools']) {
        if (!isObject(tool) || typeof tool['name'] !== 'string') continue;
        tools.push({ name: tool['name'], inputSchema: isObject(tool['inputSchema']) ? tool['inputSchema'] : {} });
      }
      cursor = listed['nextCursor'];
      if (typeof cursor !== 'string' || cursor === '') break;
    }
    return tools;
  }

  call(name: string, given: { readonly [name: string]: PlainValue }): Promise<PlainValue> {
    return this.#ask('tools/call', { name, arguments: given });
  }

  async close(): Promise<void> {
    const session = this.#headers['mcp-session-id'];
    if (session === undefined) return;
    try {
      await this.#web.http.send({
        method: 'DELETE',
        address: this.#address,
        headers: this.#headers,
        customer: this.#web.call.customerId,
        signal: this.#web.signal,
        wholeMsMax: farewellMsMax,
        retriesMax: 0,
      });
    } catch (error) {
      // The answer is there already; a session nobody ended ends by itself.
      if (!(error instanceof HttpFailed) && !this.#web.signal.aborted) throw error;
    }
  }

  async #ask(method: string, params: { readonly [name: string]: PlainValue }): Promise<PlainValue> {
    const id = this.#nextId++;
    const answer = await this.#post({ jsonrpc: '2.0', id, method, params });
    try {
      const session = answer.headers.get('mcp-session-id');
      if (session !== null) this.#headers = { ...this.#headers, 'mcp-session-id': session };
      const message = await this.#messageFor(id, answer);
      if (isObject(message['error'])) throw this.#refused(wordOf(message['error']['message']));
      return message['result'] ?? null;
    } finally {
      answer.close();
    }
  }

  async #tell(method: string): Promise<void> {
    (await this.#post({ jsonrpc: '2.0', method })).close();
  }

  /** The message that answers, wherever among the server's own messages it comes. */
  async #messageFor(id: number, answer: HttpStream): Promise<{ readonly [name: string]: PlainValue }> {
    if (/^text\/event-stream\b/i.test(answer.headers.get('content-type') ?? '')) {
      for await (const data of eventsOf(streamOf(answer.body), answerBytesMax)) {
        const message = dataOf(data);
        if (isObject(message) && message['id'] === id && ('result' in message || 'error' in message)) return message;
      }
      throw this.#strange();
    }
    const message = dataOf(await wholeText(answer));
    if (!isObject(message) || message['id'] !== id) throw this.#strange();
    return message;
  }

  async #post(message: { readonly [name: string]: PlainValue }): Promise<HttpStream> {
    const answer = await this.#web.http.open({
      method: 'POST',
      address: this.#address,
      headers: {
        ...this.#headers,
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'idempotency-key': this.#web.call.key,
      },
      body: JSON.stringify(message),
      customer: this.#web.call.customerId,
      signal: this.#web.signal,
      bytesMax: answerBytesMax,
      wholeMsMax: answerMsMax,
    });
    if (answer.status >= 200 && answer.status < 300) return answer;
    const said = (await wholeText(answer)).slice(0, 300);
    throw this.#refused(`${answer.status} ${said}`);
  }

  #refused(reason: string): OperationFailed {
    const host = shownAddress(this.#address);
    const short = reason.replace(/\s+/g, ' ').trim().slice(0, 300);
    return new OperationFailed({ en: `the MCP server ${host} says: ${short}`, pt: `o servidor MCP ${host} diz: ${short}` });
  }

  #strange(): OperationFailed {
    const host = shownAddress(this.#address);
    return new OperationFailed({
      en: `${host} does not answer as an MCP server does`,
      pt: `${host} não responde como um servidor MCP`,
    });
  }
}

async function wholeText(answer: HttpStream): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  return textOfAnswer({ headers: answer.headers, bytes: Buffer.concat(chunks) });
}
