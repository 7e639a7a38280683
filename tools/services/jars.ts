import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onPath } from './debian.ts';
import { runCommand } from './run-command.ts';
import { type Place, Unavailable } from './service.ts';

/** `group:artifact:version` and the SHA-256 of the jar. */
export type Jars = Readonly<Record<string, string>>;

export interface JarsOptions {
  /** What they are together, with its version: the name of their directory among what is kept. */
  readonly name: string;
  readonly jars: Jars;
  /** Where they are kept for the next time. */
  readonly cache?: string;
  /** Maven; empty where each is fetched by itself. */
  readonly maven?: string;
  /** The repository they are fetched from where there is no Maven, which knows the machine's own. */
  readonly repository?: string;
}

const central = 'https://repo.maven.apache.org/maven2';
/** Beside the packages, and as lasting as they are. */
const packages = fileURLToPath(new URL('../../node_modules/.cache/general-bots', import.meta.url));
const mavenMsMax = 5 * 60_000;
const fetchMsMax = 60_000;
const jarBytesMax = 64 * 1024 * 1024;

/**
 * Puts jars into a directory of the place and gives back its path. They are fetched once for all places; none is used whose
 * bytes are not the ones we know.
 */
export async function installJars(place: Place, options: JarsOptions): Promise<string> {
  const { name, jars, cache = packages } = options;
  const dir = path.join(place.dir, name);
  if (existsSync(dir)) return dir;
  const kept = path.join(cache, name);
  if (!existsSync(kept) && isOurs(cache)) await inDraft(kept, (draft) => fetchJars(draft, place, options));
  await inDraft(dir, async (draft) => {
    if (existsSync(kept)) for (const file of readdirSync(kept)) linkOrCopy(path.join(kept, file), path.join(draft, file));
    else await fetchJars(draft, place, options);
    verify(draft, jars);
  });
  return dir;
}

/** Somebody who may not write beside the packages fetches for this place alone. */
function isOurs(dir: string): boolean {
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.W_OK);
    return true;
  } catch (error) {
    if (['EACCES', 'EROFS', 'EPERM', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Fills a directory under another name: one that was cut short is never taken for whole. */
async function inDraft(dir: string, fill: (draft: string) => Promise<void>): Promise<void> {
  const draft = mkdtempSync(`${dir}.`);
  try {
    await fill(draft);
    chmodSync(draft, 0o755); // Servers run as somebody else, and so does the next who wants them.
    renameSync(draft, dir);
  } catch (error) {
    // Somebody else was faster, with the same files.
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function fetchJars(dir: string, place: Place, options: JarsOptions): Promise<void> {
  const { jars, maven = onPath(['mvn']) ?? '', repository = central } = options;
  place.say(`fetching ${Object.keys(jars).length} jars of ${options.name} ${maven ? 'by Maven' : `from ${repository}`}`);
  if (maven) await fetchByMaven(dir, jars, maven);
  else for (const jar of Object.keys(jars)) await fetchJar(dir, jar, repository);
  for (const file of readdirSync(dir)) chmodSync(path.join(dir, file), 0o644);
  verify(dir, jars);
}

async function fetchByMaven(dir: string, jars: Jars, maven: string): Promise<void> {
  const project = mkdtempSync(`${dir}.pom.`);
  try {
    writeFileSync(path.join(project, 'pom.xml'), pomOf(Object.keys(jars)));
    const goal = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${dir}`];
    await runCommand(maven, goal, { cwd: project, env: process.env, msMax: mavenMsMax });
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

/** Names every jar and lets none of them bring its own: which versions there are is not left to the day. */
function pomOf(jars: readonly string[]): string {
  const dependencies = jars.map((jar) => {
    const [group, artifact, version] = jar.split(':');
    const others = '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>';
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${others}</dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>general-bots</groupId><artifactId>test-service</artifactId><version>1</version>
<dependencies>${dependencies.join('\n')}</dependencies></project>
`;
}

async function fetchJar(dir: string, jar: string, repository: string): Promise<void> {
  const [group, artifact, version] = jar.split(':') as [string, string, string];
  const url = `${repository}/${group.replaceAll('.', '/')}/${artifact}/${version}/${fileOf(jar)}`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(fetchMsMax) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    if (Number(answer.headers.get('content-length')) > jarBytesMax) throw new Error(`more than ${jarBytesMax} bytes`);
    writeFileSync(path.join(dir, fileOf(jar)), Buffer.from(await answer.arrayBuffer()));
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Unavailable(`${url}: ${(cause as Error | undefined)?.message ?? message}`, { cause: error });
  }
}

function verify(dir: string, jars: Jars): void {
  const wanted = new Map(Object.entries(jars).map(([jar, sha256]) => [fileOf(jar), sha256]));
  for (const file of readdirSync(dir)) {
    const sha256 = createHash('sha256')
      .update(readFileSync(path.join(dir, file)))
      .digest('hex');
    if (wanted.get(file) !== sha256) throw new Unavailable(`${file} is not the file we know: its SHA-256 is ${sha256}`);
    wanted.delete(file);
  }
  if (wanted.size > 0) throw new Unavailable(`${[...wanted.keys()].join(' ')} did not come`);
}

/** A second name where the file system has that, so that fifty megabytes need not be written for every place. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    copyFileSync(from, to);
  }
}

function fileOf(jar: string): string {
  const [, artifact, version] = jar.split(':');
  return `${artifact}-${version}.jar`;
}
