import type { Profile } from '../../compiler/profile.ts';
import { numberItem } from './numbers.ts';

/** Columns of a print zone; the standard leaves the width to us, and 14 is what everybody took. */
const zoneColumns = 14;
/** `minimal`: no line is longer (ECMA-55, section 14.4). Five zones fit. */
const marginColumns = 80;
/** `classic`: the longest line GW-BASIC counts (WIDTH 255); TAB and SPC beyond begin again, and blanks stay few. */
const wideColumns = 255;
const zonesColumns = Math.floor(marginColumns / zoneColumns) * zoneColumns;

/**
 * Where PRINT writes, knowing its column. What differs between the profiles:
 *
 * - `minimal` keeps the margin: an item that does not fit begins a new line, a longer one is cut there.
 * - `classic` and `bot` do not: a terminal or a chat breaks long lines itself, and listings that draw rely on that.
 *   Only a comma behind the fifth zone begins a new line, as on an 80 column screen of GW-BASIC; in `bot` not even that.
 * - TAB to a column already passed begins a new line, but not in `classic`: GW-BASIC does that, too, while the
 *   interpreters before it stayed where they were, and the listings that draw with TAB were written for those.
 * - `bot` prints numbers as TALK does, without blanks around: `PRINT "Total: "; 5` says `Total: 5`.
 */
export class Printer {
  /** Characters on the line so far. */
  column = 0;
  readonly profile: Profile;
  readonly #write: (text: string) => void;

  constructor(profile: Profile, write: (text: string) => void) {
    this.profile = profile;
    this.#write = write;
  }

  text(text: string): void {
    if (text === '') return;
    if (this.profile !== 'minimal') return this.#put(text);
    const lines = text.split('\n');
    for (const [index, line] of lines.entries()) {
      if (line !== '') this.#fit(line);
      if (index < lines.length - 1) this.line();
    }
  }

  number(value: number): void {
    this.text(numberItem(this.profile, value));
  }

  /** To the next zone: one blank at least. */
  comma(): void {
    const next = (Math.floor(this.column / zoneColumns) + 1) * zoneColumns;
    if (next >= zonesColumns && this.profile !== 'bot') this.line();
    else this.#blanks(next - this.column);
  }

  /** To a column, counted from 1. Less than 1 is taken as 1: whoever wants to report that asks `isTabValid` first. */
  tab(value: number): void {
    const columns = this.profile === 'minimal' ? marginColumns : wideColumns;
    // Of a number past counting nobody knows what remains when the margin is taken off often enough.
    const wanted = value > Number.MAX_SAFE_INTEGER ? 1 : Math.max(1, rounded(value));
    const to = (wanted - 1) % columns;
    if (this.column > to && this.profile !== 'classic') this.line();
    this.#blanks(to - this.column);
  }

  spaces(value: number): void {
    this.#blanks(Math.max(0, rounded(value)) % (wideColumns + 1));
  }

  line(): void {
    this.column = 0;
    this.#write('\n');
  }

  #fit(text: string): void {
    if (this.column > 0 && this.column + text.length > marginColumns) this.line();
    let from = 0;
    while (text.length - from > marginColumns) {
      this.#put(text.slice(from, from + marginColumns));
      this.line();
      from += marginColumns;
    }
    this.#put(from === 0 ? text : text.slice(from));
  }

  #put(text: string): void {
    this.#write(text);
    // Line ends may be in the text; other control characters (a bell, a colour) take no column.
    const start = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
    let columns = text.length - start;
    for (let index = start; index < text.length; index++) if (text.charCodeAt(index) < 32) columns--;
    this.column = start > 0 ? columns : this.column + columns;
  }

  #blanks(count: number): void {
    if (count > 0) this.text(' '.repeat(count));
  }
}

export function isTabValid(value: number): boolean {
  return rounded(value) >= 1;
}

/** To the nearest whole number, halves upwards, as ECMA-55 defines rounding; no number becomes 0, an endless one the largest. */
function rounded(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(Number.MAX_SAFE_INTEGER, Math.max(-Number.MAX_SAFE_INTEGER, Math.floor(value + 0.5)));
}
