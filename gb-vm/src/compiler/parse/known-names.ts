import type { Token } from '../lexer.ts';
import { assignments } from './names.ts';

/**
 * What the names of a script are used for, gathered in one pass before it is parsed: a keyword of the host may be
 * somebody's SUB, array or variable, and a `name:` is a label when something jumps to it.
 */
export interface KnownNames {
  isProcedure(upper: string): boolean;
  /** Given a value somewhere, or declared. */
  isVariable(upper: string): boolean;
  isLabel(upper: string): boolean;
  /** The script takes in others, whose procedures are not known here. */
  readonly hasIncludes: boolean;
  /** Triggers have bodies here, each closed by END ON. */
  readonly hasEndOn: boolean;
}

/** `elsewhere` are the procedures of the other scripts of the program, which INCLUDE may bring together with this one. */
export function gatherNames(tokens: readonly Token[], elsewhere: ReadonlySet<string>): KnownNames {
  const procedures = new Set<string>();
  const variables = new Set<string>();
  const labels = new Set<string>();
  let hasIncludes = false;
  let hasEndOn = false;
  const assigned = new AssignedParts(variables);
  for (const [index, token] of tokens.entries()) {
    assigned.see(token);
    if (token.kind !== 'name') continue;
    const next = tokens[index + 1];
    if (next?.kind === 'operator' && assignments.has(next.upper)) variables.add(token.upper);
    switch (token.upper) {
      case 'SUB':
      case 'FUNCTION':
        if (next?.kind === 'name') procedures.add(next.upper);
        break;
      case 'DIM':
      case 'REDIM':
      case 'EACH':
      case 'FOR':
      case 'PARAM':
      case 'HEAR':
      case 'CONST':
      case 'PRESERVE':
        if (next?.kind === 'name') variables.add(next.upper);
        break;
      case 'END':
        hasEndOn ||= next?.upper === 'ON';
        break;
      case 'INCLUDE':
        hasIncludes = true;
        break;
      case 'GOTO':
      case 'GOSUB':
      case 'RESUME':
      case 'RESTORE':
        gatherLabels(tokens, index + 1, labels);
        break;
      case 'THEN':
      case 'ELSE':
        if (next?.kind === 'number') labels.add(String(next.value));
        break;
      case 'GO':
        if (next?.upper === 'TO' || next?.upper === 'SUB') gatherLabels(tokens, index + 2, labels);
        break;
      default:
    }
  }
  return {
    isProcedure: (upper) => procedures.has(upper) || elsewhere.has(upper),
    isVariable: (upper) => variables.has(upper),
    isLabel: (upper) => labels.has(upper),
    hasIncludes,
    hasEndOn,
  };
}

/** Finds `name(1) = …`, `name.part = …` and `name[0] = …` at the start of a line: they make the name a variable too. */
class AssignedParts {
  readonly #variables: Set<string>;
  #first = '';
  #count = 0;
  #depth = 0;

  constructor(variables: Set<string>) {
    this.#variables = variables;
  }

  see({ kind, upper }: Token): void {
    if (kind === 'newline') {
      this.#count = 0;
      this.#depth = 0;
      return;
    }
    this.#count++;
    if (this.#count === 1) this.#first = kind === 'name' ? upper : '';
    if (kind !== 'operator') {
      if (this.#count === 2) this.#first = '';
      return;
    }
    if (upper === '(' || upper === '[') this.#depth++;
    else if (upper === ')' || upper === ']') this.#depth--;
    else if (this.#count === 2 && upper !== '.') this.#first = '';
    else if (this.#depth === 0 && assignments.has(upper) && this.#first !== '') this.#variables.add(this.#first);
  }
}

/** Names or numbers separated by commas. */
function gatherLabels(tokens: readonly Token[], from: number, labels: Set<string>): void {
  for (let at = from; ; at += 2) {
    const token = tokens[at];
    if (token?.kind === 'number') labels.add(String(token.value));
    else if (token?.kind === 'name') labels.add(token.upper);
    else return;
    if (tokens[at + 1]?.upper !== ',') return;
  }
}
