import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createServer, type Server } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installJars, type JarsOptions } from './jars.ts';

const jars = { 'org.example:one:1.0': sha256('first'), 'org.example.deep:two:2.1': sha256('second') };
let scratch: string;
let server: Server;
let files: Record<string, string>;
let asked: string[];
beforeEach(async () => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'gb-jars-'));
  files = { '/org/example/one/1.0/one-1.0.jar': 'first', '/org/example/deep/two/2.1/two-2.1.jar': 'second' };
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url!);
    const body = files[request.url!];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  fs.rmSync(scratch, { recursive: true });
  await new Promise((resolve) => server.close(resolve));
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function install(place: string, more: Partial<JarsOptions> = {}): Promise<string> {
  const dir = path.join(scratch, place);
  fs.mkdirSync(dir, { recursive: true });
  const { port } = server.address() as { port: number };
  const options = { name: 'pair-1', jars, cache: path.join(scratch, 'cache'), repository: `http://127.0.0.1:${port}` };
  // Nothing named Maven: what is fetched is fetched from the repository.
  return installJars({ dir, say: () => {} }, { ...options, maven: '', ...more });
}

test('jars are fetched once for all places', async () => {
  const [one, other] = [await install('one'), await install('other')];
  for (const dir of [one, other]) expect(fs.readFileSync(path.join(dir, 'one-1.0.jar'), 'utf8')).toBe('first');
  expect(asked).toEqual(Object.keys(files));
  expect(await install('one')).toBe(one);
  expect(fs.readdirSync(path.join(scratch, 'one'))).toEqual(['pair-1']);
});

test('two who begin at once both have them whole', async () => {
  const dirs = await Promise.all([install('one'), install('other'), install('one')]);
  for (const dir of dirs) expect(fs.readdirSync(dir).sort()).toEqual(['one-1.0.jar', 'two-2.1.jar']);
  expect(fs.readdirSync(path.join(scratch, 'cache'))).toEqual(['pair-1']);
});

test('a jar with other bytes is refused by its name, and nothing is kept', async () => {
  files['/org/example/deep/two/2.1/two-2.1.jar'] = 'something else';
  await expect(install('one')).rejects.toThrow(/two-2\.1\.jar is not the file we know/);
  expect(fs.readdirSync(path.join(scratch, 'cache'))).toEqual([]);
  files['/org/example/deep/two/2.1/two-2.1.jar'] = 'second';
  await install('one');
});

test('a jar that was changed where it is kept is refused', async () => {
  await install('one');
  fs.writeFileSync(path.join(scratch, 'cache', 'pair-1', 'one-1.0.jar'), 'changed');
  await expect(install('other')).rejects.toThrow(/one-1\.0\.jar is not the file we know/);
  expect(fs.readdirSync(path.join(scratch, 'other'))).toEqual([]);
});

test('others may read what is kept, whatever the umask', async () => {
  const before = process.umask(0o077);
  try {
    for (const dir of [await install('one'), path.join(scratch, 'cache', 'pair-1')]) {
      expect(fs.statSync(dir).mode & 0o777).toBe(0o755);
      expect(fs.statSync(path.join(dir, 'one-1.0.jar')).mode & 0o777).toBe(0o644);
    }
  } finally {
    process.umask(before);
  }
});

test('who may not write where they are kept fetches for one place', async () => {
  const cache = path.join(scratch, 'file', 'cache');
  fs.writeFileSync(path.join(scratch, 'file'), 'in the way');
  for (const place of ['one', 'other']) expect(fs.readdirSync(await install(place, { cache })).length).toBe(2);
  expect(asked.length).toBe(4);
});

test('a repository that does not have it is named', async () => {
  delete files['/org/example/one/1.0/one-1.0.jar'];
  await expect(install('one')).rejects.toThrow(/one-1\.0\.jar: status 404/);
});

test('Maven is told every jar, and what it leaves out is missed', async () => {
  const maven = path.join(scratch, 'mvn');
  fs.writeFileSync(
    maven,
    `#!/bin/sh
for one; do case "$one" in -DoutputDirectory=*) out="\${one#*=}";; esac; done
grep -q '<artifactId>one</artifactId><version>1.0</version>' pom.xml && printf first >"$out/one-1.0.jar"
`,
    { mode: 0o755 },
  );
  await expect(install('one', { maven })).rejects.toThrow('two-2.1.jar did not come');
  expect(asked).toEqual([]);
});
