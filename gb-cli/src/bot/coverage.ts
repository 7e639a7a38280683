import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Locale } from 'gb-vm/compiler';
import { Coverage, prepareStepping } from 'gb-vm/debug';
import { withNeighbours } from '../basic/program-files.ts';
import type { BotFolder } from './package.ts';

/** Of one script: lines on which a statement begins, and those that ran in some test. */
interface ScriptLines {
  readonly path: string;
  readonly lines: Set<number>;
  readonly covered: Set<number>;
}

/** Which lines of some bots their tests ran, over all programs and tests together. */
export class BotCoverage {
  readonly #scripts = new Map<string, ScriptLines>();

  /** What a program has, and what of it ran. */
  add(bot: BotFolder, coverage: Coverage): void {
    for (const { file, lines, covered } of coverage.files()) {
      const path = bot.scripts.find(({ name }) => name === file)?.path;
      if (path === undefined) continue;
      let script = this.#scripts.get(path);
      if (!script) this.#scripts.set(path, (script = { path, lines: new Set(), covered: new Set() }));
      for (const line of lines) script.lines.add(line);
      for (const line of covered) script.covered.add(line);
    }
  }

  /** Scripts that no test began with count too, with no line that ran. */
  async addUntested(bot: BotFolder, locale: Locale): Promise<void> {
    for (const entry of bot.scripts.filter(({ name }) => !isIncluded(bot, name))) {
      const sources = withNeighbours(entry, bot.scripts).map(({ name, text }) => ({ name, text }));
      const { program } = await prepareStepping(sources, { entry: entry.name, locale });
      if (program) this.add(bot, new Coverage(program));
    }
  }

  /** Of all lines, in percent; 100 where there are none. */
  get percent(): number {
    const scripts = [...this.#scripts.values()];
    return percent(
      scripts.reduce((sum, { covered }) => sum + covered.size, 0),
      scripts.reduce((sum, { lines }) => sum + lines.size, 0),
    );
  }

  text(): string {
    const rows = this.#rows();
    const width = Math.max(5, ...rows.map(({ name }) => name.length));
    const shown = rows.map(({ name, script, ranges }) => {
      const missing = ranges.length > 0 ? `  not run: ${ranges.map(rangeText).join(', ')}` : '';
      return `${name.padEnd(width)}  ${percentText(percent(script.covered.size, script.lines.size))}  ${script.covered.size} of ${script.lines.size} lines${missing}\n`;
    });
    return `${shown.join('')}${'total'.padEnd(width)}  ${percentText(this.percent)}\n`;
  }

  writeJson(path: string): void {
    const files = this.#rows().map(({ name, script, ranges }) => ({
      file: name,
      percent: rounded(percent(script.covered.size, script.lines.size)),
      lines: script.lines.size,
      covered: script.covered.size,
      uncovered: ranges.map(([from, to]) => ({ from, to })),
    }));
    writeFileSync(path, `${JSON.stringify({ percent: rounded(this.percent), files }, null, 2)}\n`);
  }

  #rows(): { readonly name: string; readonly script: ScriptLines; readonly ranges: readonly Range[] }[] {
    return [...this.#scripts.values()]
      .map((script) => ({ name: relative('.', script.path), script, ranges: rangesOf(script) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** Such a script is part of others and no program of its own. */
function isIncluded(bot: BotFolder, name: string): boolean {
  const wanted = name.toLowerCase().replace(/\.bas$/, '');
  return bot.scripts.some(({ text }) =>
    [...text.matchAll(/^[ \t]*INCLUDE[ \t]+["“']?([^"”'\r\n]+)/gim)].some(
      ([, included]) =>
        included!
          .trim()
          .toLowerCase()
          .replace(/\.bas$/, '') === wanted,
    ),
  );
}

type Range = readonly [from: number, to: number];

/** Stretches without a line that ran in between; what is no statement does not part them. */
export function rangesOf({ lines, covered }: Pick<ScriptLines, 'lines' | 'covered'>): Range[] {
  const ranges: [number, number][] = [];
  let isOpen = false;
  for (const line of [...lines].sort((a, b) => a - b)) {
    if (covered.has(line)) isOpen = false;
    else if (isOpen) ranges.at(-1)![1] = line;
    else {
      ranges.push([line, line]);
      isOpen = true;
    }
  }
  return ranges;
}

const rangeText = ([from, to]: Range): string => (from === to ? `${from}` : `${from}-${to}`);

const percent = (part: number, all: number): number => (all === 0 ? 100 : (100 * part) / all);

/** Never rounded up to a goal that was not met. */
const rounded = (value: number): number => Math.floor(value * 10) / 10;

const percentText = (value: number): string => `${rounded(value).toFixed(1)}%`.padStart(6);
