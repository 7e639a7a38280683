import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpClient, type HttpClientOptions } from './http-client.ts';
import { listen, stop } from './testing.ts';

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** A key and a certificate for secure.example, made for this run. */
function makeCertificate(): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'gb-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=secure.example', '-addext', 'subjectAltName=DNS:secure.example'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return made;
}

// A certificate has to be made, which Node cannot do by itself.
describe.skipIf(!hasOpenssl)('over TLS', () => {
  const { key, cert } = hasOpenssl ? makeCertificate() : { key: '', cert: '' };
  const server = createHttpsServer({ key, cert }, (request, response) => {
    if (request.url === '/down') response.writeHead(307, { location: 'http://secure.example/' }).end();
    else response.end(`${request.method} ${request.headers.host}`);
  });
  let port: number;
  beforeAll(async () => {
    port = await listen(server);
  });
  afterAll(() => stop(server));

  const client = (options: HttpClientOptions = {}) =>
    createHttpClient({ allow: ['127.0.0.0/8'], lookup: async () => ['127.0.0.1'], retriesMax: 0, ca: cert, ...options });

  test('the name is what the certificate is checked against, though the address is what is connected to', async () => {
    const get = (host: string, options?: HttpClientOptions) =>
      client(options).send({ method: 'GET', address: `https://${host}:${port}/`, customer: 'c1' });
    expect(Buffer.from((await get('secure.example')).bytes).toString()).toBe(`GET secure.example:${port}`);
    await expect(get('other.example')).rejects.toMatchObject({ failure: 'not_connected' });
    const withoutCa = createHttpClient({ allow: ['127.0.0.0/8'], lookup: async () => ['127.0.0.1'], retriesMax: 0 });
    await expect(
      withoutCa.send({ method: 'GET', address: `https://secure.example:${port}/`, customer: 'c1' }),
    ).rejects.toMatchObject({ failure: 'not_connected' });
  });

  test('what is sent over a safe connection is not sent on over one that is not', async () => {
    const address = `https://secure.example:${port}/down`;
    await expect(client().send({ method: 'POST', address, body: 'secret', customer: 'c1' })).rejects.toMatchObject({
      failure: 'refused',
    });
  });
});

test('a server that never finishes its greeting is given up as not connected', async () => {
  const silent = createTcpServer((socket) => socket.on('error', () => {}));
  const port = await listen(silent);
  const hasty = createHttpClient({ allow: ['127.0.0.1'], connectMsMax: 50, retriesMax: 1, retryBaseMs: 1 });
  await expect(
    hasty.send({ method: 'POST', address: `https://127.0.0.1:${port}/`, body: 'x', customer: 'c1' }),
  ).rejects.toMatchObject({ failure: 'not_connected' });
  silent.close();
});
