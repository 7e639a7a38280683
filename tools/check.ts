// `npm run check`: format and lint, types, and the shape of the house. Prints what is wrong as file:line and one sentence.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { checkArchitecture } from './check/architecture.ts';
import { checkCatalogues } from './check/catalogues.ts';
import { checkCycles } from './check/cycles.ts';
import { checkDependencies } from './check/dependencies.ts';
import { checkEnvironment } from './check/environment.ts';
import { checkLayers } from './check/layers.ts';
import { checkLeftovers } from './check/leftovers.ts';
import { checkLicences } from './check/licences.ts';
import { checkLinks } from './check/links.ts';
import { checkMigrations } from './check/migrations.ts';
import { checkPlaces } from './check/places.ts';
import { type Finding, Project } from './check/project.ts';
import { checkSettings } from './check/settings.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A tool, mostly of somebody else's, run by our own Node so that it does not matter which one the machine has. */
function run(name: string, script: string, args: readonly string[]): boolean {
  const startedAt = performance.now();
  const result = spawnSync(process.execPath, [`node_modules/${script}`, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (result.error) throw result.error;
  return tell(name, result.status === 0, startedAt);
}

function tell(name: string, isFine: boolean, startedAt: number): boolean {
  process.stdout.write(`${isFine ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)\n`);
  return isFine;
}

const checks: readonly [name: string, check: (project: Project) => Finding[]][] = [
  ['layers', checkLayers],
  ['import rings', checkCycles],
  ['dependencies', checkDependencies],
  ['environment', checkEnvironment],
  ['settings', checkSettings],
  ['leftovers', checkLeftovers],
  ['places', checkPlaces],
  ['licences', checkLicences],
  ['migrations', checkMigrations],
  ['links', checkLinks],
  ['languages', checkCatalogues],
  ['architecture', checkArchitecture],
];

function checkStructure(): boolean {
  const startedAt = performance.now();
  const project = Project.open(root);
  const findings = checks.flatMap(([name, check]) => runCheck(name, check, project));
  for (const { file, line, text, name } of findings) process.stdout.write(`${file}:${line} ${text} [${name}]\n`);
  return tell(`structure: ${checks.map(([name]) => name).join(', ')}`, findings.length === 0, startedAt);
}

/** A file that cannot be read as what it should be stops the check that needs it, and is the one thing to say about it. */
function runCheck(name: string, check: (project: Project) => Finding[], project: Project): (Finding & { name: string })[] {
  try {
    return check(project).map((finding) => ({ ...finding, name }));
  } catch (error) {
    const [file, text] = (error as Error).message.split(/ (?=is not JSON|does not parse)/);
    if (text === undefined) throw error;
    return [{ file: file ?? '', line: 1, text: `The file ${text}.`, name }];
  }
}

const isStructureOnly = process.argv.includes('--structure');
const results = [
  checkStructure(),
  ...(isStructureOnly
    ? []
    : [
        run('format and lint', '@biomejs/biome/bin/biome', ['ci', '--colors=off', '.']),
        run('types', 'typescript/lib/tsc.js', ['-p', 'tsconfig.json']),
        run('manual of BASIC', '../tools/basic-docs.ts', ['--check']),
        run('types of gb-web', 'typescript/lib/tsc.js', ['-p', 'gb-web/tsconfig.json']),
      ]),
];
process.exitCode = results.every(Boolean) ? 0 : 1;
