import type { DebugMap } from '../compiler/layout.ts';

export type RuntimeErrorCode = keyof typeof sentences;

/** Raised by host functions while a program runs; `position` names the place when the function knew it. */
export class BasicError extends Error {
  readonly code: RuntimeErrorCode;
  readonly position: number | null;
  readonly args: readonly (string | number)[];

  constructor(code: RuntimeErrorCode, position: number | null, ...args: readonly (string | number)[]) {
    super(code);
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
  invalid_json: ['The text is not valid JSON.', 'O texto não é um JSON válido.'],
  invalid_date: ['{0} is not a date.', '{0} não é uma data.'],
  snapshot_invalid: ['The saved conversation cannot be continued: {0}.', 'A conversa salva não pode continuar: {0}.'],
  program_invalid: ['The compiled program cannot be loaded: {0}.', 'O programa compilado não pode ser carregado: {0}.'],
  internal: ['The program stopped for a reason of ours: {0}.', 'O programa parou por um motivo nosso: {0}.'],
} as const;

const words: Readonly<Record<string, string>> = {
  'a number': 'um número',
  'a list': 'uma lista',
  'a list or object': 'uma lista ou objeto',
  'a text': 'um texto',
  'a list of numbers': 'uma lista de números',
  null: 'nada',
  boolean: 'sim/não',
  string: 'texto',
  array: 'uma lista',
  object: 'um objeto',
  number: 'um número',
  'no choices for a menu': 'nenhuma opção de menu',
  'an unusable default': 'um valor padrão inválido',
};

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The sentence of an error, with the statement and line it happened in. */
export function sentence(code: RuntimeErrorCode, locale: 'en' | 'pt-BR', args: readonly (string | number)[] = []): string {
  const text: string = sentences[code][locale === 'pt-BR' ? 1 : 0];
  return text.replace(/\{(\d)\}/g, (_, index) => {
    const value = String(args[Number(index)] ?? '');
    return locale === 'pt-BR' ? (words[value] ?? value) : value;
  });
}

export function placeOf(map: DebugMap | null, position: number | null): Place & { readonly word: string } {
  const found = map && position !== null ? map.positions[position] : undefined;
  if (!found) return { file: map?.files[0] ?? '', line: 0, column: 0, word: '' };
  return { file: map!.files[found[0]] ?? '', line: found[1], column: found[2], word: found[3] };
}
