/** Damages a text the way people, editors and attackers do: missing and doubled lines and words, stray signs and bytes. */
export function mutate(text: string, next: () => number): string {
  const pick = (limit: number): number => Math.floor(next() * limit);
  let mutated = text;
  for (let rounds = 1 + pick(4); rounds > 0; rounds--) {
    const at = pick(mutated.length + 1);
    const lines = mutated.split('\n');
    const line = pick(lines.length);
    const words = mutated.split(/\b/);
    switch (pick(10)) {
      case 0:
        mutated = mutated.slice(0, at) + mutated.slice(at + 1 + pick(8));
        break;
      case 1:
        mutated = mutated.slice(0, at) + signs[pick(signs.length)]! + mutated.slice(at);
        break;
      case 2:
        lines.splice(line, 1 + pick(3));
        mutated = lines.join('\n');
        break;
      case 3:
        lines.splice(pick(lines.length), 0, ...lines.slice(line, line + 1 + pick(4)));
        mutated = lines.join('\n');
        break;
      case 4:
        lines.push(...lines.splice(line, 1));
        mutated = lines.join('\n');
        break;
      case 5:
        words.splice(pick(words.length), 1);
        mutated = words.join('');
        break;
      case 6:
        words.splice(pick(words.length), 0, words[pick(words.length)]!);
        mutated = words.join('');
        break;
      case 7:
        mutated = mutated.slice(0, at) + String.fromCharCode(pick(next() < 0.8 ? 256 : 65536)) + mutated.slice(at);
        break;
      case 8:
        mutated = mutated.slice(0, at) + ends[pick(ends.length)]! + mutated.slice(at);
        break;
      default:
        mutated = mutated.slice(0, at);
    }
    if (mutated.length > 40_000) return mutated.slice(0, 40_000);
  }
  return mutated;
}

const signs = [
  '"',
  "'",
  '`',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '#{',
  '${',
  ',',
  ':',
  ';',
  '=',
  '+',
  '-',
  '*',
  '/',
  '\\',
  '^',
  '&',
  '<',
  '>',
  '.',
  '_',
  '%',
  '$',
  '!',
  '?',
  '@',
  '~',
  '|',
  '0',
  '1e999',
  '-',
  'NaN',
  ' ',
  '\t',
];
const ends = [
  '\r\n',
  '\r',
  '\n',
  '\0',
  '\ufeff',
  '\u2028',
  'END IF',
  '\nNEXT\n',
  '\nEND\n',
  ' THEN ',
  ' GOTO 10',
  '\nTRY\n',
  '\nSUB x()\n',
];
