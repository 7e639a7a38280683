import { ListRef, ObjectRef, type Value } from '../heap.ts';
import { fail } from '../host.ts';
import { makeObject, setProperty } from '../objects.ts';
import { type Arguments, describe } from './arguments.ts';
import { Rows } from './rows.ts';

const depthMax = 20;

/**
 * FILL template WITH data: every `{{name}}`, `{name}` or `${name}` in the texts of a template becomes what the data has
 * under that name. A list of rows gives a list, one for each. A name the data does not have stays as it is, so that what
 * was forgotten can be seen. What is filled in is not looked at again.
 */
export function fillTemplate(args: Arguments, template: Value, data: Value, position: number): Value {
  // Both orders are in use. A template is a text or an object; rows are a list.
  if (template instanceof ListRef && !(data instanceof ListRef)) return fillTemplate(args, data, template, position);
  if (data instanceof ListRef) {
    const { heap } = args;
    return new ListRef(heap.makeListOf(heap.listValues(data.at).map((row) => fillTemplate(args, template, row, position))));
  }
  if (!(data instanceof ObjectRef)) return fail('type_mismatch', position, describe(data), 'an object');
  return filled(args, template, new Rows(args, data, position), position, 0);
}

function filled(args: Arguments, template: Value, data: Rows, position: number, depth: number): Value {
  if (depth > depthMax) return fail('illegal_argument', position);
  const { heap } = args;
  if (typeof template === 'string') return filledText(args, template, data, position);
  if (template instanceof ListRef) {
    const items = heap.listValues(template.at).map((item) => filled(args, item, data, position, depth + 1));
    return new ListRef(heap.makeListOf(items));
  }
  if (!(template instanceof ObjectRef)) return template;
  const keys = args.keys(template.at);
  const made = makeObject(heap, keys.length);
  for (const key of keys) {
    const value = filled(args, args.property(template, heap.makeText(key)), data, position, depth + 1);
    setProperty(heap, made, key, value);
  }
  return new ObjectRef(made);
}

function filledText(args: Arguments, template: string, data: Rows, position: number): Value {
  const row = data.items[0]!;
  const whole = /^\{\{\s*([^{}\s][^{}]{0,100}?)\s*\}\}$/.exec(template);
  // A place that is the whole text keeps what the data has: a number stays a number.
  if (whole) {
    const value = data.value(row, whole[1]!);
    if (value !== null) return value;
  }
  args.heap.charge(template.length >>> 3);
  let length = 0;
  return template.replace(
    /\{\{\s*([^{}\s][^{}]{0,100}?)\s*\}\}|\$?\{([\p{L}_][\p{L}\p{M}\p{N}_. ]{0,100})\}/gu,
    (place, double, single) => {
      const value = data.value(row, (double ?? single).trim());
      const text = value === null ? place : args.textOf(value);
      args.room((length += text.length), position);
      return text;
    },
  );
}
