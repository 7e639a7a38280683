import { expect, test } from 'vitest';
import { compile } from '../../compiler/index.ts';
import { createTurnEngine, programHash } from '../../runtime/index.ts';
import { turnInput } from '../../testing/play.ts';
import { createHostOperations } from '../operations.ts';
import { createBot, json, startServer, type TestBotOptions } from './testing.ts';

/** Runs a program as the host does, each operation between two turns; gives what it said. */
async function play(source: string, options: TestBotOptions = {}, locale: 'en' | 'pt-BR' = 'en'): Promise<string[]> {
  const { program, diagnostics } = compile([{ name: 'start.bas', text: source }]);
  if (!program) throw new Error(JSON.stringify(diagnostics));
  const compiled = { ...program, hash: await programHash(program.wasm, program.debugMap) };
  const bot = createBot(options);
  const host = createHostOperations({ sets: [bot.operations] });
  const scope = { ...bot.call, locale };
  const said: string[] = [];
  let input = turnInput({ takesRequests: true, locale });
  for (let turns = 0; turns < 50; turns++) {
    const engine = createTurnEngine();
    const { replies, error, request, snapshot } = engine.runTurn(engine.load(compiled), input);
    said.push(...replies.map(({ text }) => text));
    if (error) said.push(`! ${error.code} at line ${error.line}: ${error.message}`);
    if (!request) break;
    const isInTurn = host.kindOf(request) === 'inTurn';
    const result = await (isInTurn ? host.inTurn(request, scope) : host.outside(request, scope));
    input = turnInput({ takesRequests: true, locale, snapshot, result });
  }
  await bot.close();
  return said;
}

test('a program reads, sends and goes through pages', async () => {
  const server = await startServer(({ method, url, headers, body }, response) => {
    if (method === 'POST') json(response, { id: 1, got: JSON.parse(body.toString()), key: headers['x-key'] });
    else if (url.startsWith('/orders'))
      json(response, {
        data: url.endsWith('2') ? [{ total: 7 }] : [{ total: 1 }, { total: 2 }],
        next: url.endsWith('2') ? null : '/orders?page=2',
      });
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Chá</h1><a>one</a><a>two</a>');
  });
  const source = `SET HEADER "X-Key" AS "k1"
made = POST "${server.url}/orders", {total: 30}
TALK made.got.total + " " + made.key
SET PAGE MODE "auto"
sum = 0
FOR EACH order IN GET "${server.url}/orders"
  sum = sum + order.total
NEXT
TALK sum
TALK SCRAPE "${server.url}/page", "h1"
links = SCRAPE ALL "${server.url}/page", "a"
TALK UBOUND(links)`;
  expect(await play(source)).toEqual(['30 k1', '10', 'Chá', '2']);
  await server.close();
});

test('what goes wrong is an error at its line, in the person’s language, which TRY can take', async () => {
  const server = await startServer((_, response) => response.writeHead(422).end('CPF inválido'));
  const source = `TRY
  x = POST "${server.url}/clientes", {}
CATCH e
  TALK e.code + ": " + e.message
END TRY
tempo = WEATHER "Recife"`;
  const [caught, missing] = await play(source, {}, 'pt-BR');
  expect(caught).toBe(`operation_failed: POST falhou: ${server.url}/clientes respondeu 422: CPF inválido`);
  expect(missing).toMatch(/^! setting_missing at line 6: .*weather-url não está definido/);
  const [refusal] = await play('x = GET "http://169.254.169.254/latest/meta-data/"', { http: { allow: [] } });
  expect(refusal).toMatch(/^! not_allowed at line 1: .*http:\/\/169\.254\.169\.254\/latest\/meta-data\/ may not be reached/);
  await server.close();
});
