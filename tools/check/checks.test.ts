import path from 'node:path';
import { expect, test } from 'vitest';
import { checkArchitecture } from './architecture.ts';
import { checkCatalogues } from './catalogues.ts';
import { checkCycles } from './cycles.ts';
import { checkDependencies } from './dependencies.ts';
import { checkEnvironment } from './environment.ts';
import { checkLeftovers } from './leftovers.ts';
import { checkLicences } from './licences.ts';
import { checkLinks } from './links.ts';
import { checkMigrations } from './migrations.ts';
import { checkPlaces } from './places.ts';
import { type Finding, Project } from './project.ts';
import { checkSettings } from './settings.ts';

// Each check is tried on a house without the defect and on one with it. Defects are glued from halves where this file
// would otherwise be found to have them.
const found = (check: (project: Project) => Finding[], files: Record<string, string>) =>
  check(Project.of(files)).map(({ file, line, text }) => `${file}:${line} ${text}`);

test('import rings are found, of two files or more, once each', () => {
  expect(
    found(checkCycles, {
      'a/x.ts': "import './y.ts';",
      'a/y.ts': "\nexport * from './z.ts';",
      'a/z.ts': "\n\nimport { x } from './x.ts';",
    }),
  ).toEqual(['a/z.ts:3 Imports in a ring: a/x.ts -> a/y.ts -> a/z.ts -> a/x.ts.']);
  expect(found(checkCycles, { 'a/x.ts': "import './x.ts';" })).toHaveLength(1);
});

test('types and late imports make no ring', () => {
  expect(
    found(checkCycles, {
      'a/x.ts': "import './y.ts';",
      'a/y.ts': "import type { X } from './x.ts';\nconst load = () => import('./x.ts');",
    }),
  ).toEqual([]);
});

const manifest = (fields: object) => JSON.stringify({ name: 'gb-a', ...fields }, null, 1);

test('what is imported is declared', () => {
  expect(
    found(checkDependencies, { 'gb-a/package.json': manifest({}), 'gb-a/src/x.ts': "\nimport pg from 'pg/lib/client';" }),
  ).toEqual(['gb-a/src/x.ts:2 pg is not declared in gb-a/package.json.']);
  expect(
    found(checkDependencies, {
      'gb-a/package.json': manifest({ devDependencies: { pg: '1' } }),
      'gb-a/src/x.ts': "import 'pg';",
    })[0],
  ).toContain('development dependency');
});

test('what is declared is used', () => {
  const files = {
    'gb-a/package.json': manifest({
      dependencies: { pg: '1', ws: '1' },
      devDependencies: { '@types/pg': '1', '@types/ws': '1' },
    }),
    'gb-a/src/x.ts': "import 'pg';\nimport 'node:fs';\nimport './y.ts';",
  };
  expect(found(checkDependencies, files).map((text) => text.replace(/:\d+/, ''))).toEqual([
    'gb-a/package.json ws is declared and not used.',
    'gb-a/package.json @types/ws is declared and not used.',
  ]);
});

test('a binary found by its name, types in a tsconfig, and the test tools of the root count as used', () => {
  expect(
    found(checkDependencies, {
      'package.json': JSON.stringify({ name: 'root', devDependencies: { vitest: '1', typescript: '1' } }),
      'gb-a/package.json': manifest({ optionalDependencies: { '@pg/linux': '1' }, dependencies: { vite: '1' } }),
      'gb-a/tsconfig.json': '{ "types": ["vite/client"] }',
      'gb-a/src/x.ts': "export const name = '@pg/' + process.platform;",
      'gb-a/src/x.test.ts': "import { test } from 'vitest';",
    }),
  ).toEqual([]);
});

test('every export of a package leads to a file', () => {
  expect(
    found(checkDependencies, {
      'gb-a/package.json': manifest({ exports: { '.': './src/index.ts', './node': './src/node.ts' } }),
      'gb-a/src/index.ts': '',
    }),
  ).toEqual([expect.stringContaining('./node leads to ./src/node.ts')]);
});

test('the environment is read in one place', () => {
  const reads = [
    'process.env.X;',
    "process['env'].X;",
    'const { env } = process;',
    "import { env } from 'node:process';",
    'globalThis.process.env;',
    'f(process?.env);',
  ];
  for (const read of reads)
    expect(found(checkEnvironment, { 'gb-api/src/x.ts': `\n${read}` }), read).toEqual([
      expect.stringMatching(/^gb-api\/src\/x\.ts:2 Only/),
    ]);
  for (const file of ['gb-cli/src/config.ts', 'tools/x.ts', 'bench/src/x.ts', 'e2e/src/x.ts', 'gb-api/src/x.test.ts'])
    expect(found(checkEnvironment, { [file]: reads[0]! })).toEqual([]);
  expect(
    found(checkEnvironment, {
      'gb-api/src/x.ts': "// process.env\nconst s = 'process.env'; import { env } from './settings.ts'; const { pid } = process;",
    }),
  ).toEqual([]);
});

test('the README lists the settings that are read, and no others', () => {
  const house = (page: string) => ({ 'gb-cli/src/config.ts': "f(env['PORT'], env.HOST || env['PORT']);", 'README.md': page });
  expect(found(checkSettings, house('| `PORT` | a |\n| `HOST` | b |'))).toEqual([]);
  expect(found(checkSettings, house('| `PORT` | a |\n| `GONE` | b |'))).toEqual([
    'gb-cli/src/config.ts:1 HOST is read here and not listed in README.md.',
    'README.md:2 GONE is listed, and gb-cli/src/config.ts does not read it.',
  ]);
});

test('leftovers are found', () => {
  const leftovers = [
    `// ${'TO' + 'DO'} later`,
    `/* ${'FIX' + 'ME'} */`,
    'debugger;',
    "console.log('x');",
    "test.only('x', () => {});",
    "describe.skip('x', () => {});",
    "it.todo('x');",
    "test.skipIf(slow)('x', () => {});",
    "test.skip.each([1])('x', () => {});",
    'const f = (t) => t.skip();',
    `${'<'.repeat(7)} mine\n`,
  ];
  for (const [index, text] of leftovers.entries()) {
    const file = text.startsWith('<') ? 'gb-a/x.css' : 'gb-a/x.ts';
    expect(found(checkLeftovers, { [file]: `\n${text}` }), String(index)).toEqual([
      expect.stringMatching(/^gb-a\/x\.(ts|css):2 /),
    ]);
  }
  expect(found(checkLeftovers, { 'gb-a/x.ts.orig': '' })).toHaveLength(1);
});

test('a skip that gives its reason, a print of a tool, and words that only look alike are fine', () => {
  expect(
    found(checkLeftovers, {
      'gb-a/x.test.ts': "// needs a second machine\ntest.skip('x', () => {});\ntest('y', (t) => t.skip('no network here'));",
      'tools/x.ts': "console.log('x');",
      'gb-a/y.ts': "const word = 'todo'; console.error(word); const s = 'debugger; test.only()';",
    }),
  ).toEqual([]);
});

test('no line names a machine or a registry', () => {
  for (const text of [
    '/home' + '/ana/gb',
    '/Users' + '/ana/',
    '/root' + '/.npmrc',
    `https://registry.${'npmjs'}.org/ws`,
    'C:' + '\\Users\\ana',
  ])
    expect(found(checkPlaces, { 'docs/x.md': `\n${text}` }), text).toHaveLength(1);
  expect(
    found(checkPlaces, {
      'docs/x.md': 'GET /users/home/ and https://example.com/home/ana/ and /root, at home',
      'infra/x.conf': '/home' + '/gb/data/',
    }),
  ).toEqual([]);
});

test('no line names the checkout it stands in, nor its neighbours', () => {
  const project = (text: string) => new Project(new Map([['docs/x.md', text]]), path.join('/', 'yard', 'house'));
  for (const text of ['see /yard/house/docs', 'see /yard/shed/notes.md'])
    expect(checkPlaces(project(text)), text).toHaveLength(1);
  expect(checkPlaces(project('see docs/notes.md'))).toEqual([]);
});

const withList = (lines: string, dependencies: object) => ({
  'package.json': JSON.stringify({ name: 'root', dependencies }),
  'docs/dependencies.md': lines,
});

test('every dependency has its line, and every line its dependency', () => {
  expect(found(checkLicences, withList('| `ws` | a socket | 100 kB | MIT |', { ws: '1' }))).toEqual([]);
  expect(found(checkLicences, withList('', { ws: '1' }))).toEqual(['package.json:1 ws has no line in docs/dependencies.md.']);
  expect(found(checkLicences, withList('| `ws` | a socket | 100 kB | MIT |', {}))).toEqual([
    'docs/dependencies.md:1 ws is listed, and no package depends on it.',
  ]);
  expect(found(checkLicences, withList('| `ws` | | 100 kB | MIT |', { ws: '1' }))).toHaveLength(1);
});

test('a licence that asks for more than its text is found, ours or of what comes along', () => {
  expect(found(checkLicences, withList('| `ws` | a socket | 100 kB | AGPL-3.0 |', { ws: '1' }))).toHaveLength(1);
  expect(found(checkLicences, withList('| `ws` | a socket | 100 kB | (GPL-2.0 OR MIT) |', { ws: '1' }))).toEqual([]);
  expect(
    found(checkLicences, {
      'package-lock.json': JSON.stringify({
        packages: { '': {}, 'node_modules/a': { license: 'MIT' }, 'node_modules/b': { license: 'SSPL-1.0' } },
      }),
    }),
  ).toEqual([expect.stringContaining('node_modules/b comes along under SSPL-1.0')]);
});

test('migrations are numbered without holes, doubles or fancy names', () => {
  const files = (...names: string[]) => Object.fromEntries(names.map((name) => [`migrations/${name}`, '']));
  expect(found(checkMigrations, files('0001_a.sql', '0002_b_2.sql'))).toEqual([]);
  expect(found(checkMigrations, files('0002_b.sql'))).toEqual(['migrations/0002_b.sql:1 The migration after 0 is 1, not 2.']);
  expect(found(checkMigrations, files('0001_a.sql', '0003_c.sql', '0004_d.sql'))).toHaveLength(1);
  expect(found(checkMigrations, files('0001_a.sql', '0001_b.sql'))).toHaveLength(1);
  expect(found(checkMigrations, files('0001_a.sql', '2-Hello.sql'))).toHaveLength(1);
});

test('links lead to files and headings', () => {
  const files = { 'docs/a.md': '# Big plans: `x`\n## Twice\n## Twice\n', 'docs/b/c.md': '' };
  expect(
    found(checkLinks, {
      ...files,
      'README.md':
        '[a](docs/a.md) [h](docs/a.md#big-plans-x) [2](docs/a.md#twice-1) [d](docs/b) [w](https://x.y/z) [m](mailto:a@b.c) `[no](gone.md)`\n```\n[no](gone.md)\n```\n[x]: docs/b/c.md',
    }),
  ).toEqual([]);
  expect(
    found(checkLinks, { ...files, 'docs/b/d.md': '\n[a](../gone.md) ![p](p.png) <img src="q.png"> [h](../a.md#none)' }),
  ).toEqual([
    'docs/b/d.md:2 The link to ../gone.md leads nowhere.',
    'docs/b/d.md:2 The link to p.png leads nowhere.',
    'docs/b/d.md:2 docs/a.md has no heading for #none.',
    'docs/b/d.md:2 The link to q.png leads nowhere.',
  ]);
});

const languages = (en: string, ptBR: string) => ({
  'gb-web/src/i18n/en.ts': `export const en = {${en}} as const;`,
  'gb-web/src/i18n/pt-BR.ts': `export const ptBR: Catalogue = {${ptBR}};`,
});

test('every language says everything, with the same places open', () => {
  const plural = "'n': { one: '{count} file', other: '{count} files' }";
  expect(found(checkCatalogues, languages(`a: 'Hi {name}', ${plural}`, `a: 'Oi {name}', ${plural}`))).toEqual([]);
  expect(found(checkCatalogues, languages("a: 'Hi', b: 'Bye'", "a: 'Oi'"))).toEqual([
    'gb-web/src/i18n/pt-BR.ts:1 b is missing; gb-web/src/i18n/en.ts has it.',
  ]);
  expect(found(checkCatalogues, languages("a: 'Hi'", "a: 'Oi', 'c.d': 'Tchau'"))).toEqual([
    'gb-web/src/i18n/en.ts:1 c.d is missing; gb-web/src/i18n/pt-BR.ts has it.',
  ]);
  expect(found(checkCatalogues, languages("a: 'Hi {name}'", "a: 'Oi {nome}'"))).toEqual([
    'gb-web/src/i18n/pt-BR.ts:1 a leaves open {nome}, in gb-web/src/i18n/en.ts {name}.',
  ]);
  expect(found(checkCatalogues, languages("a: 'Hi'", "a: ''"))).toEqual(['gb-web/src/i18n/pt-BR.ts:1 a is empty.']);
  expect(found(checkCatalogues, { 'gb-web/src/i18n/en.ts': "export const en = { a: 'Hi' };" })).not.toEqual([]);
});

test('the architecture is one page that shows every package', () => {
  const house = (page: string) => ({ 'gb-a/package.json': manifest({}), 'docs/ARCHITECTURE.md': page });
  expect(found(checkArchitecture, house('gb-a/  the a'))).toEqual([]);
  expect(found(checkArchitecture, house('the tree'))).toEqual(['docs/ARCHITECTURE.md:1 The tree does not show gb-a/.']);
  expect(found(checkArchitecture, house('gb-a/  the a\ngb-b/  the b'))).toEqual([
    'docs/ARCHITECTURE.md:2 The tree shows gb-b/, which does not exist.',
  ]);
  expect(found(checkArchitecture, house(`gb-a/${'\n.'.repeat(120)}`))).toEqual([expect.stringContaining('121 lines')]);
  expect(found(checkArchitecture, { 'gb-a/package.json': manifest({}) })).toEqual([expect.stringContaining('missing')]);
});

test('a file that does not parse is an error that names it', () => {
  expect(() => found(checkLicences, { 'gb-a/package.json': '{' })).toThrow('gb-a/package.json is not JSON');
  expect(() => found(checkCycles, { 'a/broken.ts': 'import {' })).toThrow('a/broken.ts');
});
