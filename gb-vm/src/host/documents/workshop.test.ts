import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { OperationFailed } from '../operation.ts';
import { encodeText } from './formats.ts';
import { createDocumentWorkshop, type DocumentWorkshop, type WorkshopOptions } from './workshop.ts';

const open: DocumentWorkshop[] = [];
afterEach(async () => {
  for (const workshop of open.splice(0)) await workshop.close();
});

function workshop(options?: WorkshopOptions): DocumentWorkshop {
  const made = createDocumentWorkshop(options);
  open.push(made);
  return made;
}

const ana = { customerId: 'a' };
/** A PDF of noise, over which its reader broods for much longer than any test waits. */
const endless = { name: 'endless.pdf', type: 'application/pdf', bytes: encodeText(`%PDF-1.7\n${'1 0 obj <<'.repeat(400_000)}`) };

test('a job gives its result, and a refusal arrives with both of its sentences and its code', async () => {
  const shop = workshop();
  expect((await shop.run('qr', { text: 'x' }, ana)).width).toBeGreaterThan(100);
  const refused = await shop.run('qr', { text: 'x'.repeat(3_000) }, ana).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(OperationFailed);
  expect(refused).toMatchObject({
    code: 'limit_reached',
    said: { en: 'a QR code holds at most 2000 characters', pt: 'um código QR guarda no máximo 2000 caracteres' },
  });
});

test('bytes arrive as they were, in both directions', async () => {
  const bytes = new Uint8Array(100_000).map((_, at) => at * 7);
  const shop = workshop();
  const zip = await shop.run('pack', { files: [{ name: 'a', bytes: new Uint8Array(bytes.buffer, 10, 50_000) }] }, ana);
  const [file] = await shop.run('unpack', { name: 'x.zip', bytes: zip }, ana);
  expect(new Uint8Array(file!.bytes)).toEqual(bytes.subarray(10, 50_010));
});

test('a document that takes too long is given up, and the next one is served', async () => {
  // What is short has to begin in that time, too, in a process of its own and on a busy machine.
  const shop = workshop({ jobMsMax: 10_000 });
  const slow = shop.run('text', endless, ana);
  const next = shop.run('qr', { text: 'x' }, ana);
  await expect(slow).rejects.toMatchObject({ code: 'limit_reached', message: 'the document takes too long' });
  expect((await next).width).toBeGreaterThan(100);
});

test('the server answers others while a document keeps its process busy', async () => {
  const shop = workshop({ jobMsMax: 3_000 });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  await expect(shop.run('text', endless, ana)).rejects.toThrow('too long');
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(50);
});

test('a document that takes all memory ends its own process and nothing else', async () => {
  const shop = workshop();
  // Lists in lists, a thousand million of them, as one text: the parser has to keep them all.
  const nested = encodeText(`[${'[[[[[[[[[[],[]],[]],[]],[]],[]],[]],[]],[]],[]],'.repeat(500_000)}0]`);
  const refused = shop.run(
    'convert',
    { name: 'deep.json', type: '', bytes: nested, format: 'xlsx', locale: 'en', pictures: {} },
    ana,
  );
  await expect(refused).rejects.toBeInstanceOf(OperationFailed);
  expect((await shop.run('qr', { text: 'x' }, ana)).width).toBeGreaterThan(100);
});

test('a fault of ours is told to the operator, and refused to the program', async () => {
  const faults: string[] = [];
  const shop = workshop({ onFault: (error) => faults.push(error.message) });
  // Only types keep an input like this away.
  const refused = shop.run('qr', { text: 12 } as unknown as { text: string }, ana);
  await expect(refused).rejects.toMatchObject({ code: 'operation_failed', message: 'the document could not be made' });
  expect(faults).toHaveLength(1);
});

test('customers take turns, however many jobs one of them has', async () => {
  const shop = workshop();
  const order: string[] = [];
  const job = (customerId: string, text: string) => shop.run('qr', { text }, { customerId }).then(() => void order.push(text));
  await Promise.all([job('a', 'a1'), job('a', 'a2'), job('a', 'a3'), job('a', 'a4'), job('b', 'b1'), job('b', 'b2')]);
  expect(order).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'a4']);
});

test('a full queue refuses at once, of one customer before all', async () => {
  const shop = workshop({ queuePerCustomerMax: 2, queueMax: 3 });
  const jobs = ['a', 'a', 'a', 'b'].map((customerId) => shop.run('qr', { text: 'x' }, { customerId }));
  await expect(shop.run('qr', { text: 'x' }, ana)).rejects.toMatchObject({ code: 'limit_reached' });
  await expect(shop.run('qr', { text: 'x' }, { customerId: 'c' })).rejects.toMatchObject({ code: 'limit_reached' });
  expect(await Promise.all(jobs)).toHaveLength(4);
  expect((await shop.run('qr', { text: 'x' }, { customerId: 'c' })).width).toBeGreaterThan(100);
});

test('a job that nobody waits for any more is stopped, while it runs and while it waits', async () => {
  const shop = workshop();
  const running = new AbortController();
  const waiting = new AbortController();
  const one = shop.run('text', endless, { ...ana, signal: running.signal });
  const two = shop.run('qr', { text: 'x' }, { ...ana, signal: waiting.signal });
  const three = shop.run('qr', { text: 'x' }, ana);
  waiting.abort(new Error('gone'));
  setTimeout(() => running.abort(new Error('stopped')), 200);
  await expect(one).rejects.toThrow('stopped');
  await expect(two).rejects.toThrow('gone');
  expect((await three).width).toBeGreaterThan(100);
  await expect(shop.run('qr', { text: 'x' }, { ...ana, signal: running.signal })).rejects.toThrow('stopped');
});

test('closing ends what runs and what waits, and twice does no harm', async () => {
  const shop = workshop();
  const jobs = [shop.run('text', endless, ana), shop.run('qr', { text: 'x' }, ana)].map((job) =>
    job.catch((error: Error) => error.message),
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  await shop.close();
  await shop.close();
  expect(await Promise.all(jobs)).toEqual(['the document workshop is closed', 'the document workshop is closed']);
  await expect(shop.run('qr', { text: 'x' }, ana)).rejects.toThrow('closed');
});

test('a process that nothing is asked of is let go, and the next job starts another', async () => {
  const shop = workshop({ idleMsMax: 50 });
  expect((await shop.run('qr', { text: 'x' }, ana)).width).toBeGreaterThan(100);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect((await shop.run('qr', { text: 'x' }, ana)).width).toBeGreaterThan(100);
});

test('an idle workshop does not keep a program alive', async () => {
  const here = fileURLToPath(new URL('./workshop.ts', import.meta.url));
  const program = `import { createDocumentWorkshop } from ${JSON.stringify(here)};
    const shop = createDocumentWorkshop();
    const { width } = await shop.run('qr', { text: 'x' }, { customerId: 'a' });
    process.stdout.write(String(width > 100));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000 });
  expect(stdout).toBe('true');
});
