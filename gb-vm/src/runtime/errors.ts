import type { DebugMap } from '../compiler/layout.ts';

export type RuntimeErrorCode = keyof typeof sentences;

/** Raised by host functions while a program runs; `position` names the place when the function knew it. */
export class BasicError extends Error {
  readonly code: RuntimeErrorCode;
  readonly position: number | null;
  args: readonly (string | number)[];
  /** The sentence of an error that was caught and thrown on. */
  said: string | null = null;

  constructor(code: RuntimeErrorCode, position: number | null, ...args: readonly (string | number)[]) {
    // The place is found from the stack when nobody names it, and the compiled code may lie below many calls of ours.
    const usual = Error.stackTraceLimit;
    if (position === null) Error.stackTraceLimit = 300;
    super(code);
    Error.stackTraceLimit = usual;
    this.code = code;
    this.position = position;
    this.args = args;
  }
}

/** Thrown through the compiled code by END in a procedure that cannot suspend. Not an error. */
export class ProgramEnded extends Error {}

const sentences = {
  fuel_exhausted: [
    'This ran for too long and was stopped. Is there a loop that never ends?',
    'Isto rodou tempo demais e foi interrompido. Há um laço que nunca termina?',
  ],
  time_exhausted: ['This took too long and was stopped.', 'Isto demorou demais e foi interrompido.'],
  worker_stuck: ['This stopped answering and was ended.', 'Isto parou de responder e foi encerrado.'],
  out_of_memory: ['The program needs more memory than it may have.', 'O programa precisa de mais memória do que pode ter.'],
  snapshot_too_large: [
    'The program keeps too much while it waits: {0} bytes, {1} is the most.',
    'O programa guarda dados demais enquanto espera: {0} bytes, o máximo é {1}.',
  ],
  too_many_messages: [
    'The program says too much at once: {0} messages is the most.',
    'O programa fala demais de uma vez: o máximo são {0} mensagens.',
  ],
  recursion_too_deep: [
    'Calls are nested too deeply. Does this SUB or FUNCTION call itself for ever?',
    'Chamadas aninhadas demais. Esta SUB ou FUNCTION chama a si mesma para sempre?',
  ],
  division_by_zero: ['A number was divided by zero.', 'Um número foi dividido por zero.'],
  subscript_out_of_range: ['There is no element with this index.', 'Não existe elemento com este índice.'],
  type_mismatch: ['{0} was given where {1} was needed.', 'Foi dado {0} onde era preciso {1}.'],
  illegal_argument: ['A function was given a value it cannot use.', 'Uma função recebeu um valor que não pode usar.'],
  overflow: ['The result is too large for a number.', 'O resultado é grande demais para um número.'],
  zero_to_negative_power: ['Zero was raised to a negative power.', 'Zero foi elevado a uma potência negativa.'],
  negative_to_fraction: [
    'A negative number was raised to a power that is not whole.',
    'Um número negativo foi elevado a uma potência não inteira.',
  ],
  tab_out_of_range: ['TAB was given a column before the first.', 'TAB recebeu uma coluna antes da primeira.'],
  return_without_gosub: ['RETURN was reached without a GOSUB.', 'RETURN foi alcançado sem um GOSUB.'],
  gosub_too_deep: [
    'GOSUBs are nested too deeply. Does one of them never RETURN?',
    'GOSUBs aninhados demais. Algum deles nunca chega a RETURN?',
  ],
  next_without_for: ['NEXT was reached without its FOR.', 'NEXT foi alcançado sem o seu FOR.'],
  resume_without_error: ['RESUME was reached without an error.', 'RESUME foi alcançado sem um erro.'],
  out_of_data: ['READ found no more DATA.', 'READ não encontrou mais DATA.'],
  data_not_a_number: ['READ wanted a number and found {0}.', 'READ queria um número e encontrou {0}.'],
  on_out_of_range: ['ON has no line for the value {0}.', 'ON não tem linha para o valor {0}.'],
  thrown: ['{0}', '{0}'],
  thrown_number: ['Error {0}.', 'Erro {0}.'],
  messages_exhausted: [
    'This bot has said all it may in a minute: {0} more messages were left.',
    'Este robô já disse tudo que pode em um minuto: restavam {0} mensagens.',
  ],
  hear_timed_out: ['Nobody answered in time.', 'Ninguém respondeu a tempo.'],
  setting_missing: ['{0} needs a setting: {1}.', '{0} precisa de uma configuração: {1}.'],
  not_allowed: ['{0} is not allowed: {1}', '{0} não é permitido: {1}'],
  limit_reached: ['{0} met a limit: {1}', '{0} atingiu um limite: {1}'],
  operation_unavailable: ['{0} is not available here.', '{0} não está disponível aqui.'],
  operation_failed: ['{0} failed: {1}', '{0} falhou: {1}'],
  invalid_json: ['The text is not valid JSON.', 'O texto não é um JSON válido.'],
  invalid_date: ['{0} is not a date.', '{0} não é uma data.'],
  snapshot_invalid: ['The saved conversation cannot be continued: {0}.', 'A conversa salva não pode continuar: {0}.'],
  program_invalid: ['The compiled program cannot be loaded: {0}.', 'O programa compilado não pode ser carregado: {0}.'],
  internal: ['The program stopped for a reason of ours: {0}.', 'O programa parou por um motivo nosso: {0}.'],
} as const;

/** What is said instead when the facts are known: the index and how many elements there are, or the function. */
const detailed: Readonly<Partial<Record<RuntimeErrorCode, readonly [string, string]>>> = {
  subscript_out_of_range: [
    'There is no element {0}: the list has {1}, counted from 0.',
    'Não existe o elemento {0}: a lista tem {1}, contados a partir de 0.',
  ],
  illegal_argument: ['{0} was given a value it cannot use.', '{0} recebeu um valor que não pode usar.'],
};

const words: Readonly<Record<string, string>> = {
  'a number': 'um número',
  'a list': 'uma lista',
  'a list or object': 'uma lista ou objeto',
  'a text': 'um texto',
  'a list of numbers': 'uma lista de números',
  'an object': 'um objeto',
  'a pattern': 'um padrão',
  'a filter': 'um filtro',
  'a unit of time': 'uma unidade de tempo',
  'an expression': 'uma expressão',
  'a column': 'uma coluna',
  'a SELECT': 'um SELECT',
  'this WHERE': 'este WHERE',
  'SUM, AVG, COUNT, MIN or MAX': 'SUM, AVG, COUNT, MIN ou MAX',
  null: 'nada',
  boolean: 'sim/não',
  string: 'texto',
  array: 'uma lista',
  object: 'um objeto',
  number: 'um número',
  'no choices for a menu': 'nenhuma opção de menu',
  'an unusable default': 'um valor padrão inválido',
};

/** What ERR gives, after the numbers of Microsoft's interpreters where they had one. */
const numbers: Readonly<Partial<Record<RuntimeErrorCode, number>>> = {
  return_without_gosub: 3,
  next_without_for: 1,
  out_of_data: 4,
  illegal_argument: 5,
  negative_to_fraction: 5,
  on_out_of_range: 5,
  overflow: 6,
  gosub_too_deep: 7,
  subscript_out_of_range: 9,
  division_by_zero: 11,
  type_mismatch: 13,
  data_not_a_number: 13,
  resume_without_error: 20,
  operation_failed: 57,
  operation_unavailable: 73,
  setting_missing: 73,
  not_allowed: 70,
  hear_timed_out: 24,
};

export function errorNumber(code: RuntimeErrorCode, args: readonly (string | number)[]): number {
  if (code === 'thrown_number') return Number(args[0]);
  if (code === 'thrown' && Number(args[1])) return Number(args[1]);
  return numbers[code] ?? 51;
}

/** No handler of the program can hold these back: limits are there for everybody else. */
const final: ReadonlySet<RuntimeErrorCode> = new Set([
  'fuel_exhausted',
  'time_exhausted',
  'worker_stuck',
  'out_of_memory',
  'snapshot_too_large',
  'too_many_messages',
  'messages_exhausted',
  'recursion_too_deep',
  'snapshot_invalid',
  'program_invalid',
  'internal',
]);

/** Adds which function it was to an error of one that was given what it cannot use; only the caller of all of them knows. */
export function nameFunction(error: unknown, name: string): void {
  if (!name.startsWith('fn:') || !(error instanceof BasicError)) return;
  if (error.code === 'illegal_argument' && error.args.length === 0) error.args = [name.slice('fn:'.length)];
}

export function isErrorCode(text: string): text is RuntimeErrorCode {
  return Object.hasOwn(sentences, text);
}

export function isCatchable(code: RuntimeErrorCode): boolean {
  return !final.has(code);
}

/** Sentences for the numbers of ERROR that people still know; the others are only numbers. */
const knownNumbers: Readonly<Record<number, readonly [string, string]>> = {
  8: ['There is no such line to go to.', 'Não existe essa linha para onde ir.'],
};

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The sentence of an error, with the statement and line it happened in. */
export function sentence(code: RuntimeErrorCode, locale: 'en' | 'pt-BR', args: readonly (string | number)[] = []): string {
  const known = code === 'thrown_number' ? knownNumbers[Number(args[0])] : undefined;
  const facts = args.length > 0 ? detailed[code] : undefined;
  const text: string = (known ?? facts ?? sentences[code])[locale === 'pt-BR' ? 1 : 0];
  return text.replace(/\{(\d)\}/g, (_, index) => {
    const value = String(args[Number(index)] ?? '');
    // What a program throws is its own text, whatever it is spelled like.
    return locale === 'pt-BR' && code !== 'thrown' && Object.hasOwn(words, value) ? words[value]! : value;
  });
}

/** `shownLine` is what people call the line: its number where lines are numbered. */
export function placeOf(
  map: DebugMap | null,
  position: number | null,
): Place & { readonly word: string; readonly shownLine: number } {
  const found = map && position !== null ? map.positions[position] : undefined;
  if (!found) return { file: map?.files[0] ?? '', line: 0, column: 0, word: '', shownLine: 0 };
  return { file: map!.files[found[0]] ?? '', line: found[1], column: found[2], word: found[3], shownLine: found[4] ?? found[1] };
}
