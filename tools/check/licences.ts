import fs from 'node:fs';
import path from 'node:path';
import type { Finding, Project } from './project.ts';

const list = 'docs/dependencies.md';

/** Licences that ask for no more than their own text. */
const permissive = [
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  // What packages said before there was a list of names; every one of the BSD licences is permissive.
  'BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'PostgreSQL',
  'MPL-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
  'Python-2.0',
  'Zlib',
];

interface Line {
  readonly name: string;
  readonly line: number;
  readonly saves: string;
  readonly costs: string;
  readonly licence: string;
}

/**
 * Every dependency has its line in docs/dependencies.md: | `name` | what it saves | what it costs | licence |. The line
 * tells the truth about the licence, and what comes along with a dependency is free to use as well.
 */
export function checkLicences(project: Project): Finding[] {
  const findings: Finding[] = [];
  const ours = new Set(project.manifests.map((manifest) => manifest.name));
  const lines = readLines(project);
  const declared = new Set<string>();

  for (const manifest of project.manifests) {
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies })) {
      if (ours.has(name)) continue;
      declared.add(name);
      if (!lines.some((line) => line.name === name))
        findings.push({
          file: manifest.file,
          line: project.lineOf(manifest.file, `"${name}"`),
          text: `${name} has no line in ${list}.`,
        });
    }
  }
  for (const { name, line, saves, costs, licence } of lines) {
    const say = (text: string) => findings.push({ file: list, line, text });
    if (!declared.has(name)) say(`${name} is listed, and no package depends on it.`);
    if (saves === '' || costs === '') say(`${name}: say what it saves and what it costs.`);
    if (!isPermissive(licence)) say(`${name}: ${licence || 'no licence'} is not one of the licences we may use.`);
    const actual = installedLicence(project, name);
    if (actual !== undefined && actual !== licence)
      say(`${name}: its package says ${actual}, this line says ${licence || 'nothing'}.`);
  }
  return [...findings, ...checkLockFile(project)];
}

function readLines(project: Project): Line[] {
  return project
    .text(list)
    .split('\n')
    .flatMap((text, index) => {
      const cells = text.split('|').map((cell) => cell.trim());
      const name = /^`([^`]+)`$/.exec(cells[1] ?? '')?.[1];
      return name === undefined
        ? []
        : [{ name, line: index + 1, saves: cells[2] ?? '', costs: cells[3] ?? '', licence: cells[4] ?? '' }];
    });
}

/** The lock file carries the licence of everything that gets installed, ours and theirs. */
function checkLockFile(project: Project): Finding[] {
  const text = project.text('package-lock.json');
  if (text === '') return [];
  const { packages } = JSON.parse(text) as { packages: Record<string, { license?: string; link?: boolean }> };
  return Object.entries(packages)
    .filter(
      ([name, entry]) =>
        name.startsWith('node_modules/') && !entry.link && entry.license !== undefined && !isPermissive(entry.license),
    )
    .map(([name, entry]) => ({
      file: 'package-lock.json',
      line: project.lineOf('package-lock.json', `"${name}"`),
      text: `${name} comes along under ${entry.license}, which is not one of the licences we may use.`,
    }));
}

function isPermissive(licence: string): boolean {
  const choices = licence.replace(/[()]/g, '').split(/\s+OR\s+/);
  return choices.some((choice) => choice.split(/\s+AND\s+/).every((one) => permissive.includes(one)));
}

/** Undefined when it is not installed here, as another platform's binary is not. */
function installedLicence(project: Project, name: string): string | undefined {
  if (project.root === '') return undefined;
  const file = path.join(project.root, 'node_modules', name, 'package.json');
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as { license?: string }).license : undefined;
}
