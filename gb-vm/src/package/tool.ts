import type { ManifestTool, PlainValue } from 'gb-core';
import { type FormField, limits } from 'gb-protocol';
import type { DeclaredValue } from '../compiler/ast.ts';
import type { Problems } from './problem.ts';
import type { Declared, ScriptFacts } from './script-facts.ts';

type Schema = { readonly [keyword: string]: PlainValue };

interface ParamType {
  readonly schema: Schema;
  readonly field: FormField['type'];
}

const text: ParamType = { schema: { type: 'string' }, field: 'text' };
const file = (what: string): ParamType => ({ schema: { type: 'string', description: `The id of ${what}` }, field: 'file' });
const formatted = (format: string, field: FormField['type']): ParamType => ({ schema: { type: 'string', format }, field });
const number: ParamType = { schema: { type: 'number' }, field: 'number' };
const whole: ParamType = { schema: { type: 'integer' }, field: 'number' };
const time: ParamType = { schema: { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' }, field: 'time' };
const yes: ParamType = { schema: { type: 'boolean' }, field: 'boolean' };
const phone: ParamType = { schema: { type: 'string' }, field: 'phone' };

/** What each type of PARAM is for a model and in a form; what is not here is a text. */
const paramTypes: Readonly<Record<string, ParamType>> = {
  INTEGER: whole,
  INT: whole,
  LONG: whole,
  NUMBER: number,
  FLOAT: number,
  DOUBLE: number,
  SINGLE: number,
  DECIMAL: number,
  CURRENCY: number,
  MONEY: number,
  BOOLEAN: yes,
  BOOL: yes,
  EMAIL: formatted('email', 'email'),
  DATE: formatted('date', 'date'),
  DATETIME: formatted('date-time', 'text'),
  TIMESTAMP: formatted('date-time', 'text'),
  HOUR: time,
  TIME: time,
  URL: formatted('uri', 'url'),
  UUID: formatted('uuid', 'text'),
  PHONE: phone,
  MOBILE: phone,
  OBJECT: { schema: { type: 'object', additionalProperties: true }, field: 'longText' },
  JSON: { schema: { type: 'object', additionalProperties: true }, field: 'longText' },
  ARRAY: { schema: { type: 'array', items: {} }, field: 'longText' },
  LIST: { schema: { type: 'array', items: {} }, field: 'longText' },
  ANY: { schema: {}, field: 'text' },
  FILE: file('a file'),
  DOCUMENT: file('a document'),
  IMAGE: file('a picture'),
  AUDIO: file('a recording'),
  VIDEO: file('a film'),
};

/** Language models refuse longer ones. */
const toolNameMax = 64;
const descriptionMax = 2_000;
const choicesMax = 200;

/** The tool a script is; null for one without PARAM and DESCRIPTION, and for a start that only describes its bot. */
export function toolOf(script: ScriptFacts, isStart: boolean, names: Set<string>, problems: Problems): ManifestTool | null {
  const params = script.declarations.filter(({ keyword }) => keyword === 'PARAM');
  const descriptions = script.declarations.filter(({ keyword }) => keyword === 'DESCRIPTION');
  if (params.length === 0 && (descriptions.length === 0 || isStart)) return null;
  if (params.length > limits.formFieldsMax)
    problems.error(
      'too_many_params',
      params[limits.formFieldsMax]!.place,
      `A script has at most ${limits.formFieldsMax} PARAMs.`,
      `Um roteiro tem no máximo ${limits.formFieldsMax} PARAMs.`,
    );
  const description = descriptions
    .map(({ values }) => String(values['text'] ?? '').trim())
    .filter(Boolean)
    .join('\n');
  if (description === '')
    problems.warning(
      'tool_without_description',
      params[0]?.place ?? descriptions[0]!.place,
      'A script with PARAM is a tool of the model, which needs a DESCRIPTION to know what it is for.',
      'Um roteiro com PARAM é uma ferramenta do modelo, que precisa de uma DESCRIPTION para saber para que serve.',
    );
  const properties: Record<string, PlainValue> = {};
  const required: string[] = [];
  const fields: FormField[] = [];
  const seen = new Set<string>();
  for (const param of params) {
    const name = String(param.values['name']);
    if (seen.has(name.toUpperCase())) {
      problems.error('param_twice', param.place, `There are two PARAMs called ${name}.`, `Há dois PARAMs chamados ${name}.`);
      continue;
    }
    seen.add(name.toUpperCase());
    const isOptional = param.values['isOptional'] === true;
    if (!isOptional) required.push(name);
    const { schema, field } = readParam(name, param, !isOptional, problems);
    // Not an assignment: a PARAM may be called __proto__.
    Object.defineProperty(properties, name, { value: schema, enumerable: true, configurable: true });
    fields.push(field);
  }
  return {
    script: script.key,
    name: toolName(script.key, names),
    description: description.slice(0, descriptionMax),
    parameters: {
      type: 'object',
      properties,
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
    },
    fields,
  };
}

function readParam(
  name: string,
  { values, place }: Declared,
  isRequired: boolean,
  problems: Problems,
): { schema: Schema; field: FormField } {
  const type = paramTypes[String(values['type'])] ?? text;
  const fits = (value: DeclaredValue): boolean => matches(type.schema, value);
  const said = (value: DeclaredValue | undefined): string => (value === undefined || value === null ? '' : textOf(value));
  const choices = Array.isArray(values['enum']) ? (values['enum'] as readonly DeclaredValue[]) : null;
  if (choices !== null && (choices.length === 0 || choices.length > choicesMax || !choices.every(fits)))
    problems.error(
      'bad_enum',
      place,
      `The ENUM of ${name} has 1 to ${choicesMax} values of its type.`,
      `O ENUM de ${name} tem de 1 a ${choicesMax} valores do seu tipo.`,
    );
  const fallback = values['default'];
  const isChoice = choices === null || fallback === undefined || choices.some((choice) => choice === fallback);
  if (fallback !== undefined && fallback !== null && !(fits(fallback) && isChoice) && !(choices !== null && isTextual(type)))
    problems.error(
      'bad_default',
      place,
      `The DEFAULT of ${name} is not of its type${isChoice ? '' : ', or not one of its ENUM'}.`,
      `O DEFAULT de ${name} não é do seu tipo${isChoice ? '' : ', ou não é um dos valores do ENUM'}.`,
    );
  const example = said(values['example']);
  const about = [said(values['description']) || String(type.schema['description'] ?? ''), example && `Example: ${example}`]
    .filter(Boolean)
    .join('. ')
    .replaceAll('..', '.');
  return {
    schema: {
      ...type.schema,
      ...(about === '' ? {} : { description: about.slice(0, descriptionMax) }),
      ...(choices === null ? {} : { enum: choices as readonly PlainValue[] }),
      ...(fallback === undefined || fallback === null ? {} : { default: fallback as PlainValue }),
    },
    field: {
      name,
      label: (said(values['description']) || spaced(name)).slice(0, 200),
      type: choices === null ? type.field : 'choice',
      ...(isRequired ? { isRequired: true } : {}),
      ...(choices === null ? {} : { choices: choices.map(textOf) }),
      ...(example === '' ? {} : { example }),
      ...(fallback === undefined || fallback === null ? {} : { initial: textOf(fallback) }),
    },
  };
}

const isTextual = ({ schema }: ParamType): boolean => schema['type'] === 'string';

function matches(schema: Schema, value: DeclaredValue): boolean {
  switch (schema['type']) {
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'string':
      return typeof value === 'string';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return true;
  }
}

const textOf = (value: DeclaredValue): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');

/** `firstName` and `first_name` are "First name". */
function spaced(name: string): string {
  const words = name
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replace(/_+/g, ' ')
    .trim()
    .toLowerCase();
  return words === '' ? name : words[0]!.toUpperCase() + words.slice(1);
}

/** `enrolment process.bas` is `enrolment_process`; a second one that would be the same gets a number. */
function toolName(key: string, names: Set<string>): string {
  const plain =
    key
      .replace(/\.bas$/, '')
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .replace(/[^a-z0-9_-]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, toolNameMax - 3) || 'tool';
  let name = plain;
  for (let count = 2; names.has(name); count++) name = `${plain}_${count}`;
  names.add(name);
  return name;
}
