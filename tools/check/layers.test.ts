import { expect, test } from 'vitest';
import { checkLayers } from './layers.ts';
import { Project } from './project.ts';

const findings = (files: Record<string, string>) =>
  checkLayers(Project.of(files)).map(({ file, line, text }) => `${file}:${line} ${text}`);

test('a room imports the rooms below it', () => {
  expect(
    findings({
      'gb-core/src/a.ts': "import { limits } from 'gb-protocol';\nimport { uuidv7 } from 'gb-utils';\nimport './b.ts';",
      'gb-web/src/studio.ts': "import { compile } from 'gb-vm/compiler';",
      'gb-cli/src/compose.ts': "import 'gb-api';\nimport 'gb-storage';\nimport 'gb-vm/runtime';",
    }),
  ).toEqual([]);
});

test('a room may not import upwards or sideways, not even for a type', () => {
  expect(findings({ 'gb-utils/src/a.ts': "\nimport type { X } from 'gb-protocol';" })).toEqual([
    'gb-utils/src/a.ts:2 gb-utils may not import gb-protocol; it may import nothing of ours.',
  ]);
  expect(findings({ 'gb-storage/src/a.ts': "import 'gb-messaging';" })).toHaveLength(1);
  expect(findings({ 'gb-api/src/a.ts': "export * from 'gb-storage';" })).toHaveLength(1);
  expect(findings({ 'gb-web/src/a.tsx': "const vm = () => import('gb-vm/runtime');" })).toHaveLength(1);
  expect(findings({ 'gb-client/src/a.ts': "type S = import('gb-core').Store;" })).toHaveLength(1);
});

test('another package is imported by its name, not by its path', () => {
  expect(findings({ 'gb-api/src/a.ts': "import '../../gb-core/src/index.ts';" })).toEqual([
    'gb-api/src/a.ts:1 ../../gb-core/src/index.ts reaches into another package; import it by its name.',
  ]);
});

test('the compiler runs anywhere: it stands alone within its package', () => {
  expect(findings({ 'gb-vm/src/compiler/a.ts': "import 'gb-utils';\nimport './lexer.ts';" })).toEqual([]);
  expect(findings({ 'gb-vm/src/compiler/a.ts': "import '../runtime/host.ts';" })).toHaveLength(1);
  expect(findings({ 'gb-vm/src/compiler/a.ts': "import 'gb-core';" })).toHaveLength(1);
  expect(findings({ 'gb-vm/src/runtime/a.ts': "import '../compiler/index.ts';" })).toEqual([]);
});

test('fakes, contracts and the test runner are for tests', () => {
  const source = "import 'gb-core/testing';\nimport { test } from 'vitest';";
  expect(
    findings({
      'gb-storage/src/a.test.ts': source,
      'gb-storage/src/testing.ts': source,
      'gb-core/src/ports/contract/store.ts': "import 'vitest';",
    }),
  ).toEqual([]);
  expect(findings({ 'gb-storage/src/a.ts': source })).toHaveLength(2);
  expect(findings({ 'gb-core/src/a.ts': "import './testing/store.ts';" })).toHaveLength(1);
  expect(findings({ 'gb-messaging/src/a.test.ts': "import 'gb-storage/testing';" })).toEqual([]);
  expect(findings({ 'gb-messaging/src/a.test.ts': "import 'gb-storage';" })).toHaveLength(1);
  expect(findings({ 'gb-messaging/src/a.ts': "import 'gb-storage/testing';" })).toHaveLength(1);
});

test('what runs in a browser imports nothing of Node, except in the files for Node', () => {
  expect(findings({ 'gb-client/src/outbox.ts': "import 'node:fs';" })).toEqual([
    'gb-client/src/outbox.ts:1 node:fs does not exist in a browser, where this file runs too.',
  ]);
  expect(findings({ 'gb-vm/src/compiler/a.ts': "import { Buffer } from 'buffer';" })).toHaveLength(1);
  expect(findings({ 'gb-vm/src/runtime/engine.ts': "import 'node:worker_threads';" })).toHaveLength(1);
  expect(
    findings({
      'gb-client/src/node.ts': "import 'node:fs';",
      'gb-client/src/a.test.ts': "import 'node:http';",
      'gb-web/vite.config.ts': "import 'node:path';",
      'gb-vm/src/runtime/worker.ts': "import 'node:worker_threads';",
    }),
  ).toEqual([]);
});
