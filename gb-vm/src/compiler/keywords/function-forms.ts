/**
 * Functions that may also be written with words between their values, like `FILL template WITH data`, in the language of
 * `forms.ts`. The values arrive in the order in which the function takes them: that of its names here.
 */
export interface FunctionForm {
  readonly name: string;
  readonly forms: readonly string[];
  readonly order: readonly string[];
}

export const functionForms: readonly FunctionForm[] = [
  { name: 'APPEND', forms: ['APPEND list WITH item'], order: ['list', 'item'] },
  { name: 'FILL', forms: ['FILL template WITH data'], order: ['template', 'data'] },
  {
    name: 'SORT BY',
    forms: ['SORT BY list, key [, direction]', 'SORT list BY key [direction:word]'],
    order: ['list', 'key', 'direction'],
  },
  { name: 'JSON', forms: ['FORMAT value AS JSON'], order: ['value'] },
  { name: 'FORMAT', forms: ['FORMAT value AS mask:operand'], order: ['value', 'mask'] },
  { name: 'FILTER', forms: ['FILTER list WHERE condition:condition'], order: ['list', 'condition'] },
  { name: 'GROUP BY', forms: ['GROUP BY list, key', 'GROUP list BY key'], order: ['list', 'key'] },
];
