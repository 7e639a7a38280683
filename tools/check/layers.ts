import { builtinModules } from 'node:module';
import { type Finding, isTestFile, type Project, packageOf, roomOf } from './project.ts';

/** What each room may import of ours: the layer table of docs/ARCHITECTURE.md, which says why. */
const layers: Readonly<Record<string, readonly string[]>> = {
  'gb-utils': [],
  'gb-protocol': ['gb-utils'],
  'gb-core': ['gb-protocol', 'gb-utils'],
  'gb-client': ['gb-protocol', 'gb-utils'],
  'gb-storage': ['gb-core', 'gb-protocol', 'gb-utils'],
  'gb-messaging': ['gb-core', 'gb-protocol', 'gb-utils'],
  'gb-media': ['gb-core', 'gb-protocol', 'gb-utils'],
  'gb-vm': ['gb-core', 'gb-protocol', 'gb-utils'],
  'gb-api': ['gb-core', 'gb-protocol', 'gb-utils'],
  'gb-web': ['gb-client', 'gb-protocol', 'gb-utils', 'gb-vm/compiler', 'gb-vm/debug', 'gb-vm/in-process'],
  'gb-cli': ['gb-api', 'gb-client', 'gb-core', 'gb-media', 'gb-messaging', 'gb-protocol', 'gb-storage', 'gb-utils', 'gb-vm'],
  e2e: ['gb-cli', 'gb-client', 'gb-protocol', 'gb-utils'],
  // A benchmark measures one room by itself, so it may open that room's door.
  bench: ['gb-cli', 'gb-client', 'gb-core', 'gb-messaging', 'gb-protocol', 'gb-storage', 'gb-utils', 'gb-vm', 'tools/services'],
  tools: [],
};

/** Rooms within rooms, with a narrower table of their own. */
const innerRooms: Readonly<Record<string, readonly string[]>> = {
  'gb-vm/src/compiler/': ['gb-utils'],
};

/** Tests run the real part or a fake that keeps its contract. */
const testLayers = ['gb-core/testing', 'gb-core/contract', 'tools/services'];
const testLayersOf: Readonly<Record<string, readonly string[]>> = {
  'gb-messaging': ['gb-storage/testing'],
  'gb-vm': ['gb-storage/testing'],
  'gb-cli': ['gb-storage/testing', 'gb-messaging/testing', 'gb-client'],
  'gb-api': ['gb-client'],
  e2e: ['gb-vm/testing'],
};

/** Rooms that run in a browser, and their files that do not. */
const browserRooms = [
  'gb-utils',
  'gb-protocol',
  'gb-client',
  'gb-web',
  'gb-vm/src/compiler/',
  'gb-vm/src/package/',
  'gb-vm/src/debug/',
  'gb-vm/src/runtime/',
];
const nodeOnly = [
  /^gb-client\/src\/node[./]/,
  /^gb-web\/[^/]+$/,
  /^gb-vm\/src\/runtime\/(worker|bot-runtime|compile-worker|program-compiler)\.ts$/,
];

const testPackages = ['vitest', 'fast-check', 'fake-indexeddb'];

export function checkLayers(project: Project): Finding[] {
  const findings: Finding[] = [];
  for (const file of project.sources) {
    const room = roomOf(file);
    const allowed = layers[room];
    if (allowed === undefined) continue;
    const inner = Object.keys(innerRooms).find((prefix) => file.startsWith(prefix));
    const isTest = isTestFile(file);
    const mayImport = [
      ...(inner === undefined ? allowed : (innerRooms[inner] ?? [])),
      ...(isTest ? [...testLayers, ...(testLayersOf[room] ?? [])] : []),
    ];

    for (const { specifier, start } of project.imports(file)) {
      const say = (text: string) => findings.push({ file, line: project.lineAt(file, start), text });
      const target = packageOf(specifier);
      if (specifier.startsWith('.')) {
        const place = resolvePath(file, specifier);
        if (roomOf(place) !== room) say(`${specifier} reaches into another package; import it by its name.`);
        else if (inner !== undefined && !place.startsWith(inner))
          say(`${inner} stands alone: it may import ${mayImport.join(', ') || 'nothing'} and itself, not ${place}.`);
        else if (!isTest && isTestFile(place)) say(`${place} is for tests; what runs in production may not import it.`);
      } else if (target in layers) {
        if (target === room) continue;
        if (!isTest && /\/(testing|contract)$/.test(specifier))
          say(`${specifier} is for tests; what runs in production may not import it.`);
        else if (!mayImport.includes(target) && !mayImport.includes(specifier))
          say(`${room} may not import ${specifier}; it may import ${mayImport.join(', ') || 'nothing of ours'}.`);
      } else if (!isTest && testPackages.includes(target) && room !== 'tools') {
        say(`${target} is for tests; what runs in production may not import it.`);
      } else if (
        isBuiltin(specifier) &&
        !isTest &&
        browserRooms.some((prefix) => `${file}`.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)) &&
        !nodeOnly.some((pattern) => pattern.test(file))
      ) {
        say(`${specifier} does not exist in a browser, where this file runs too.`);
      }
    }
  }
  return findings;
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

function resolvePath(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
