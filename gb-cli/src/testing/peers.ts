import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { type ModelServer, startModelServer } from 'gb-vm/testing';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { listen as listenSoap } from 'soap';
import { z } from 'zod';

/** What an HTTP service was asked. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Data of JSON, else the text. */
  readonly body: unknown;
}

/** The world that bots reach out to: real servers on this machine, each speaking its own protocol. */
export interface Peers {
  /** An HTTP service with data, pages, files, a feed, a website, GraphQL, SOAP at `/soap`, and errors. */
  readonly api: string;
  readonly received: Received[];
  readonly mcp: string;
  readonly smtp: string;
  readonly mails: ParsedMail[];
  readonly model: ModelServer;
  close(): Promise<void>;
}

export async function startPeers(): Promise<Peers> {
  const received: Received[] = [];
  const api = createServer((message, response) => void answer(message, response, received));
  const base = await listen(api);
  listenSoap(
    api,
    '/soap',
    { Stock: { Port: { GetStock: ({ id }: { id: number }) => ({ left: id * 2 }) } } },
    wsdl(`${base}/soap`),
  );
  const mcp = createServer((message, response) => void answerMcp(message, response));
  const mails: ParsedMail[] = [];
  const smtp = postOffice(mails);
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', () => resolve()));
  const model = await startModelServer();
  return {
    api: base,
    received,
    mcp: `${await listen(mcp)}/mcp`,
    smtp: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
    mails,
    model,
    async close() {
      await Promise.all([stop(api), stop(mcp), model.close(), new Promise<void>((resolve) => smtp.close(() => resolve()))]);
    },
  };
}

/** Two tea shops' worth of an HTTP API. `/echo` says back what it was asked. */
async function answer(message: IncomingMessage, response: ServerResponse, received: Received[]): Promise<void> {
  const chunks: Buffer[] = [];
  // SOAP reads its own requests.
  if (message.url?.startsWith('/soap')) return;
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const { pathname: path, searchParams: query } = new URL(message.url ?? '/', 'http://here');
  const { method = 'GET', headers } = message;
  const request: Received = { method, path, query, headers, body: /^\s*[[{"]/.test(text) ? JSON.parse(text) : text };
  received.push(request);
  const json = (value: unknown): void => void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
  const html = (body: string): void => void response.setHeader('content-type', 'text/html; charset=utf-8').end(body);
  const [, first = '', second = ''] = path.split('/');
  switch (first) {
    case 'time':
      return json({ time: '12:00' });
    case 'teas': {
      const page = Number(query.get('page') ?? 1);
      const items = [1, 2].map((one) => ({ id: page * 10 + one, name: `tea ${page * 10 + one}`, price: page }));
      return json({ items, ...(page < 3 ? { next: `/teas?page=${page + 1}` } : {}) });
    }
    case 'graphql':
      return json({ data: { products: [{ name: 'green tea' }], asked: request.body } });
    case 'feed.xml':
      response.setHeader('content-type', 'application/rss+xml');
      return void response.end(
        `<rss version="2.0"><channel><title>News</title><item><title>New teas</title><link>/new</link><description>&lt;b&gt;Fresh&lt;/b&gt;</description></item><item><title>Old teas</title><link>/old</link></item></channel></rss>`,
      );
    case 'site':
      return html(
        '<title>Shop</title><h1>Tea &amp; more</h1><nav><a href="/site/next">Go on</a><a href="/site/help">Help</a></nav><table><tr><th>name</th><th>price</th></tr><tr><td>green</td><td>10</td></tr><tr><td>black</td><td>8</td></tr></table><p>Our warranty lasts forty months.</p><input id="field"><button id="buy" onclick="document.querySelector(\'h1\').textContent=\'Bought\'">Buy</button><p id="menu" onmouseover="this.textContent=\'Seen\'">Look</p><script>addEventListener("keydown",(event)=>{document.querySelector("#menu").textContent="Key "+event.key})</script>',
      );
    case 'menu.txt':
      response.setHeader('content-disposition', 'attachment; filename="menu.txt"');
      return void response.setHeader('content-type', 'text/plain').end('green tea 10');
    case 'missing':
      response.statusCode = 404;
      return json({ error: 'no such tea' });
    case 'stock':
      return json({ product: decodeURIComponent(second), left: 7 });
    case 'products':
      return json([{ name: `${query.get('q')} one` }, { name: `${query.get('q')} two` }]);
    case 'weather':
      return json({ place: query.get('q'), sky: 'sunny' });
    case 'website':
      return json(`https://${(query.get('q') ?? '').toLowerCase()}.example`);
    case 'run':
      return json({ output: `ran ${(request.body as { language: string; code: string }).language}` });
    case 'pay':
      return json({ link: `https://pay.example/${(request.body as { order: string }).order}` });
    default:
      return json({ method, path, headers: request.headers, body: request.body, isDone: true });
  }
}

const wsdl = (url: string): string => `<?xml version="1.0"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:stock" targetNamespace="urn:stock">
  <wsdl:types><xsd:schema targetNamespace="urn:stock" elementFormDefault="qualified">
    <xsd:element name="GetStockRequest"><xsd:complexType><xsd:sequence>
      <xsd:element name="id" type="xsd:int"/></xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="GetStockResponse"><xsd:complexType><xsd:sequence>
      <xsd:element name="left" type="xsd:int"/></xsd:sequence></xsd:complexType></xsd:element>
  </xsd:schema></wsdl:types>
  <wsdl:message name="In"><wsdl:part name="p" element="t:GetStockRequest"/></wsdl:message>
  <wsdl:message name="Out"><wsdl:part name="p" element="t:GetStockResponse"/></wsdl:message>
  <wsdl:portType name="Type"><wsdl:operation name="GetStock"><wsdl:input message="t:In"/><wsdl:output message="t:Out"/></wsdl:operation></wsdl:portType>
  <wsdl:binding name="Binding" type="t:Type"><s:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="GetStock"><s:operation soapAction="urn:stock#GetStock"/>
      <wsdl:input><s:body use="literal"/></wsdl:input><wsdl:output><s:body use="literal"/></wsdl:output></wsdl:operation></wsdl:binding>
  <wsdl:service name="Stock"><wsdl:port name="Port" binding="t:Binding"><s:address location="${url}"/></wsdl:port></wsdl:service>
</wsdl:definitions>`;

/** A server of the protocol's own making, without sessions: each question is one of its own. */
async function answerMcp(message: IncomingMessage, response: ServerResponse): Promise<void> {
  const crm = new McpServer({ name: 'crm', version: '1.0.0' });
  crm.registerTool('find-customer', { inputSchema: { name: z.string() } }, async ({ name }) => ({
    content: [{ type: 'text', text: JSON.stringify({ found: name }) }],
  }));
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  await crm.connect(transport as never);
  await transport.handleRequest(message, response);
}

function postOffice(mails: ParsedMail[]): SMTPServer {
  return new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _, done) {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        done();
      }, done);
    },
  });
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
