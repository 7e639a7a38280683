import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type Import, type Node, readImports, readProgram } from './syntax.ts';

/** One sentence about one place, as `npm run check` prints it. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface Manifest {
  readonly name: string;
  /** '' for the root, else the package's directory. */
  readonly dir: string;
  readonly file: string;
  readonly text: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
}

/**
 * The repository as the checks see it: the files that are, or would be, committed, with their text. A check is a
 * function from this to findings, so a test can plant a defect in three lines of invented files.
 */
export class Project {
  readonly files: ReadonlyMap<string, string>;
  /** Where the files lie, or '' for invented ones. */
  readonly root: string;
  readonly #programs = new Map<string, Node>();
  readonly #imports = new Map<string, readonly Import[]>();

  constructor(files: ReadonlyMap<string, string>, root = '') {
    this.files = files;
    this.root = root;
  }

  static open(root: string): Project {
    const files = new Map<string, string>();
    for (const file of listFiles(root)) {
      const bytes = fs.readFileSync(path.join(root, file));
      if (!bytes.includes(0)) files.set(file, bytes.toString('utf8'));
      else files.set(file, '');
    }
    return new Project(files, root);
  }

  static of(files: Readonly<Record<string, string>>): Project {
    return new Project(new Map(Object.entries(files)));
  }

  /** Every TypeScript and JavaScript file. */
  get sources(): readonly string[] {
    return [...this.files.keys()].filter((file) => /\.(ts|tsx|mts|js|mjs)$/.test(file) && !file.endsWith('.d.ts'));
  }

  text(file: string): string {
    return this.files.get(file) ?? '';
  }

  program(file: string): Node {
    let program = this.#programs.get(file);
    if (program === undefined) this.#programs.set(file, (program = readProgram(file, this.text(file))));
    return program;
  }

  imports(file: string): readonly Import[] {
    let imports = this.#imports.get(file);
    if (imports === undefined) this.#imports.set(file, (imports = readImports(this.program(file))));
    return imports;
  }

  lineAt(file: string, offset: number): number {
    return this.text(file).slice(0, offset).split('\n').length;
  }

  /** The first line holding `text`, or 1. */
  lineOf(file: string, text: string): number {
    const offset = this.text(file).indexOf(text);
    return offset < 0 ? 1 : this.lineAt(file, offset);
  }

  get manifests(): readonly Manifest[] {
    return [...this.files.keys()].filter((file) => /^([^/]+\/)?package\.json$/.test(file)).map((file) => this.#manifest(file));
  }

  #manifest(file: string): Manifest {
    const text = this.text(file);
    const json = parseJson(file, text) as Partial<Manifest>;
    const dir = path.posix.dirname(file);
    return {
      name: json.name ?? '',
      dir: dir === '.' ? '' : dir,
      file,
      text,
      dependencies: json.dependencies ?? {},
      optionalDependencies: json.optionalDependencies ?? {},
      devDependencies: json.devDependencies ?? {},
      exports: json.exports ?? {},
    };
  }
}

/** True for files that only tests and measurements use: they may reach for fakes, contracts and the test runner. */
export function isTestFile(file: string): boolean {
  return /^(e2e|bench)\//.test(file) || /\.(test|story)\.tsx?$/.test(file) || /\/(testing|contract)(\/|\.ts$)/.test(file);
}

/** The package directory a file lies in: `gb-api/src/x.ts` is in `gb-api`. */
export function roomOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
}

/** `@scope/name/deep` is of package `@scope/name`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The file a relative import means, or undefined when there is none. */
export function resolveRelative(project: Project, from: string, specifier: string): string | undefined {
  const base = path.posix.normalize(path.posix.join(path.posix.dirname(from), specifier.replace(/[?#].*$/, '')));
  const candidates = [base, `${base}.ts`, `${base}.tsx`, base.replace(/\.js$/, '.ts'), `${base}/index.ts`];
  return candidates.find((candidate) => project.files.has(candidate));
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function listFiles(root: string): readonly string[] {
  try {
    const output = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1 << 26,
    });
    const files = output
      .toString('utf8')
      .split('\0')
      .filter((file) => file !== '' && isFile(path.join(root, file)));
    if (files.length > 0) return files;
  } catch {
    // No git here, or an exported tree without its history: the walk below sees the same files.
  }
  return walk(root, '');
}

function walk(root: string, dir: string): string[] {
  const skipped = new Set(['node_modules', '.git', 'dist', 'data', '.cache', 'shots']);
  return fs.readdirSync(path.join(root, dir), { withFileTypes: true }).flatMap((entry) => {
    const file = dir === '' ? entry.name : `${dir}/${entry.name}`;
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : walk(root, file);
    return entry.isFile() && !/\.(log|tsbuildinfo)$/.test(entry.name) ? [file] : [];
  });
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
