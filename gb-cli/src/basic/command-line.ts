import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** Exit codes of `gb basic` and `gb bot`; scripts and graders switch on them. */
export const exit = { finished: 0, failed: 1, refused: 2, limit: 3 } as const;

/** Wrong use of the command: one sentence, exit code 2. */
export class UsageError extends Error {}

/** Reads options and positional arguments; what is not known is a `UsageError`. */
export function readArguments<const Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's own sentences are good; they go on to explain its library.
    throw new UsageError(error instanceof Error ? error.message.split('. To ')[0]!.replace(/\.?$/, '.') : String(error));
  }
}

export function oneOf<Choice extends string>(
  name: string,
  text: string | undefined,
  choices: readonly Choice[],
  fallback: Choice,
): Choice {
  if (text === undefined) return fallback;
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`--${name} must be one of ${choices.join(', ')}, not "${text}".`);
  return found;
}

export function numberOption(name: string, text: string | undefined, fallback: number, min: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max))
    throw new UsageError(`--${name} must be a number from ${min} to ${max}, not "${text}".`);
  return value;
}
