import type { Row } from './keyword.ts';

export const operators: readonly Row[] = [
  ['AND', 'a AND b', 'True when both are.', 'Verdadeiro quando ambos são.', 'IF a > 1 AND b > 1 THEN TALK "yes"'],
  ['OR', 'a OR b', 'True when one is.', 'Verdadeiro quando um deles é.', 'IF a = 1 OR b = 1 THEN TALK "yes"'],
  [
    'XOR',
    'a XOR b',
    'True when one is and the other is not.',
    'Verdadeiro quando um é e o outro não.',
    'IF a > 1 XOR b > 1 THEN TALK "yes"',
  ],
  ['NOT', 'NOT a', 'True when a is not.', 'Verdadeiro quando a não é.', 'IF NOT done THEN TALK "yes"'],
  ['MOD', 'a MOD b', 'What is left after dividing.', 'O resto da divisão.', 'IF n MOD 2 = 0 THEN TALK "yes"'],
  [
    'IN',
    'a IN list',
    'True when the list, object or text has a.',
    'Verdadeiro quando a lista, objeto ou texto contém a.',
    'IF "x" IN tags THEN TALK "yes"',
  ],
  [
    'CONTAINS',
    'list CONTAINS a',
    'True when the list, object or text has a.',
    'Verdadeiro quando a lista, objeto ou texto contém a.',
    'IF text CONTAINS "help" THEN TALK "yes"',
  ],
  [
    'LIKE',
    'text LIKE pattern',
    'True when the text fits a pattern, in which % stands for anything and _ for one character.',
    'Verdadeiro quando o texto serve a um padrão, em que % vale por qualquer coisa e _ por um caractere.',
    'IF name LIKE "A%" THEN TALK "yes"',
  ],
  [
    'IS',
    'a IS [NOT] NULL',
    'True when there is no value; in CASE, a comparison.',
    'Verdadeiro quando não há valor; em CASE, uma comparação.',
    'IF user IS NULL THEN TALK "yes"',
  ],
];

export const constants: readonly Row[] = [
  ['TRUE', 'TRUE', 'Yes.', 'Sim.', 'done = TRUE'],
  ['FALSE', 'FALSE', 'No.', 'Não.', 'done = FALSE'],
  ['NULL', 'NULL', 'No value.', 'Nenhum valor.', 'IF x = NULL THEN TALK "yes"'],
];
