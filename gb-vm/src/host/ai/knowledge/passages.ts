/**
 * Cuts a text into passages that say something by themselves: at headings first, then between paragraphs, then between
 * sentences. A passage begins with the end of the one before it under the same heading, so that what was said across the
 * cut is in one of them whole.
 */
export interface Passage {
  /** The headings it stands under, from the outermost. */
  readonly heading: string;
  readonly text: string;
}

const passageChars = 1_200;
const overlapChars = 150;
const passagesMax = 3_000;
const headingDepth = 3;

export function passagesOf(text: string): readonly Passage[] {
  const passages: Passage[] = [];
  for (const section of sections(text.replace(/\r\n?/g, '\n'))) {
    let gathered = '';
    const flush = (): void => {
      if (gathered.trim() !== '') passages.push({ heading: section.heading, text: gathered.trim() });
    };
    for (const piece of section.pieces) {
      if (gathered !== '' && gathered.length + piece.length > passageChars) {
        flush();
        gathered = lastSentences(gathered);
      }
      gathered += piece;
    }
    flush();
    if (passages.length >= passagesMax) break;
  }
  return passages.slice(0, passagesMax);
}

interface Section {
  readonly heading: string;
  /** Joined they are the section; each fits into a passage. */
  readonly pieces: string[];
}

function sections(text: string): Section[] {
  const trail: string[] = [];
  const found: Section[] = [{ heading: '', pieces: [] }];
  let isCode = false;
  for (const paragraph of text.split(/\n{2,}/)) {
    let lines: string[] = [];
    const close = (): void => {
      const joined = lines.join('\n');
      if (joined.trim() !== '') found.at(-1)!.pieces.push(...fitting(`${joined}\n\n`));
      lines = [];
    };
    for (const line of paragraph.split('\n')) {
      if (/^(```|~~~)/.test(line)) isCode = !isCode;
      const heading = isCode ? null : /^(#{1,6})\s+(.+?)\s*#*$/.exec(line);
      if (!heading) {
        lines.push(line);
        continue;
      }
      close();
      trail.length = Math.min(trail.length, heading[1]!.length - 1);
      trail[heading[1]!.length - 1] = heading[2]!.slice(0, 150);
      found.push({ heading: trail.filter(Boolean).slice(-headingDepth).join(' – '), pieces: [] });
    }
    close();
  }
  return found;
}

/** A long paragraph in pieces: at line ends (rows of a table), then sentences, then words, then anywhere. */
function fitting(paragraph: string): string[] {
  let pieces = [paragraph];
  for (const cut of [/(?<=\n)/, /(?<=[.!?…]["')\]]?\s)/, /(?<=\s)/])
    pieces = pieces.flatMap((piece) => (piece.length <= passageChars ? [piece] : joined(piece.split(cut))));
  return pieces.flatMap((piece) => {
    const parts: string[] = [];
    for (let from = 0; from < piece.length; from += passageChars) parts.push(piece.slice(from, from + passageChars));
    return parts;
  });
}

/** Small pieces put together again as long as they fit. */
function joined(pieces: readonly string[]): string[] {
  const result: string[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (last !== undefined && last.length + piece.length <= passageChars) result[result.length - 1] = last + piece;
    else result.push(piece);
  }
  return result;
}

function lastSentences(text: string): string {
  const end = text.trimEnd().slice(-overlapChars);
  const start = /[.!?\n]\s+/.exec(end);
  return start ? `${end.slice(start.index + start[0].length)}\n\n` : '';
}
