import type { OperationResult, OutsideCall, PlainValue, ToolCall, ToolDescription } from 'gb-core';
import { scriptKey } from './ai-state.ts';

const resultCharsMax = 8_000;

/** Of the tools a bot has, those that its author added to this conversation, and what guests brought: no others exist for the model. */
export function toolsInUse(all: readonly ToolDescription[], added: readonly string[]): readonly ToolDescription[] {
  const wanted = new Set(added.map(scriptKey));
  return all.filter((tool) => tool.botId !== undefined || wanted.has(scriptKey(tool.script)) || wanted.has(scriptKey(tool.name)));
}

/**
 * Runs what a model asks for, when it is one of the tools it was given and the arguments fit, and says in words what came
 * of it. A mistake of the model or of the script is told to the model, which may try otherwise.
 */
export async function runTool(wanted: ToolCall, tools: readonly ToolDescription[], call: OutsideCall): Promise<string> {
  const tool = tools.find((one) => one.name === wanted.name);
  if (!tool) return failed(`there is no tool ${wanted.name.slice(0, 64)}`);
  const read = readArguments(tool, wanted.argumentsText);
  if ('problem' in read) return failed(read.problem);
  return resultText(await call.runScript(tool.script, read.params, tool.botId));
}

function resultText(result: OperationResult): string {
  if ('value' in result) {
    const text = typeof result.value === 'string' ? result.value : JSON.stringify(result.value);
    return text.length > resultCharsMax ? `${text.slice(0, resultCharsMax)}…` : text;
  }
  return failed('error' in result ? result.error : 'the tool cannot be run here');
}

const failed = (why: string): string => JSON.stringify({ error: why });

interface Property {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
}

/**
 * The arguments by the tool's schema: names it does not have are left out, a number in quotes is a number. The script
 * checks its PARAMs by itself; here the model gets a sentence that helps it to do better.
 */
export function readArguments(tool: ToolDescription, text: string): { params: Record<string, PlainValue> } | { problem: string } {
  let given: unknown;
  try {
    given = JSON.parse(text.trim() || '{}');
  } catch {
    return { problem: 'the arguments are not JSON' };
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return { problem: 'the arguments are no object' };
  const properties = (tool.parameters['properties'] ?? {}) as Readonly<Record<string, Property>>;
  const required = (tool.parameters['required'] ?? []) as readonly string[];
  const params: Record<string, PlainValue> = {};
  for (const [name, property] of Object.entries(properties)) {
    const value = (given as Record<string, PlainValue>)[name];
    if (value === undefined || value === null || value === '') {
      if (required.includes(name)) return { problem: `${name} is missing` };
      continue;
    }
    const converted = convert(value, property);
    if (converted === undefined) return { problem: `${name} must be ${expectation(property)}` };
    params[name] = converted;
  }
  return { params };
}

function convert(value: PlainValue, { type, enum: choices }: Property): PlainValue | undefined {
  if (choices) {
    const same = (a: unknown): string => String(a).trim().toLowerCase();
    return choices.find((choice) => same(choice) === same(value)) as PlainValue | undefined;
  }
  const types = typeof type === 'string' ? [type] : (type ?? []);
  if (types.includes('number') || types.includes('integer')) {
    const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : Number.NaN;
    const fits = Number.isFinite(number) && (types.includes('number') || Number.isInteger(number));
    if (fits) return number;
    return types.includes('string') && typeof value === 'string' ? value : undefined;
  }
  if (types.includes('boolean')) {
    if (typeof value === 'boolean') return value;
    return value === 'true' ? true : value === 'false' ? false : undefined;
  }
  if (types.includes('array')) return Array.isArray(value) ? value : [value];
  if (types.includes('string')) return typeof value === 'object' ? JSON.stringify(value) : String(value);
  return value;
}

function expectation({ type, enum: choices }: Property): string {
  return choices ? `one of ${choices.map(String).join(', ')}` : `of type ${[type].flat().join(' or ')}`;
}
