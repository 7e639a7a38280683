import type { PlainValue } from 'gb-core';
import { OperationFailed, settingMissing } from '../operation.ts';
import { McpSession, type McpTool } from './mcp-client.ts';
import { dataOf, listOf, wordOf } from './values.ts';
import { isWebAddress, type WebCall, type WebOperation, webAddress } from './web-call.ts';
import { isObject } from './web-state.ts';

/**
 * MCP calls a tool of a server that config.csv names: `mcp-crm-url`, and `mcp-crm-key` where it wants a token. One
 * object is the tool's arguments by name; other values are given in the order of the tool's own list.
 */
export const mcpOperations: Readonly<Record<string, WebOperation>> = {
  MCP: async ({ server, tool, values }, web) => {
    const { address, key } = serverOf(web, wordOf(server));
    const name = wordOf(tool);
    const given = listOf(values);
    const session = await McpSession.open(web, address, key);
    try {
      const only = given[0];
      const isNamed = given.length === 0 || (given.length === 1 && isObject(only));
      const named = isNamed ? (isObject(only) ? only : {}) : byPosition(given, name, await session.tools());
      return await valueOfResult(await session.call(name, named), web);
    } finally {
      await session.close();
    }
  },
};

function serverOf(web: WebCall, server: string): { readonly address: URL; readonly key: string | undefined } {
  if (isWebAddress(server)) return { address: webAddress(web, server), key: undefined };
  const name = server
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');
  const { settings } = web.call;
  const address = settings[`mcp-${name}-url`];
  if (!address) throw settingMissing(`mcp-${name}-url`);
  return { address: webAddress(web, address), key: settings[`mcp-${name}-key`] };
}

function byPosition(
  given: readonly PlainValue[],
  name: string,
  tools: readonly McpTool[],
): { readonly [name: string]: PlainValue } {
  const tool = tools.find((one) => one.name === name);
  if (!tool) throw unknownTool(name, tools);
  const properties = isObject(tool.inputSchema['properties']) ? Object.entries(tool.inputSchema['properties']) : [];
  if (given.length > properties.length) throw tooManyValues(name, properties.length);
  return Object.fromEntries(given.map((value, at) => [properties[at]![0], fitting(value, properties[at]![1])]));
}

/** What people type is text; a tool that wants a number gets one. */
function fitting(value: PlainValue, schema: PlainValue): PlainValue {
  const type = isObject(schema) ? schema['type'] : null;
  if (type === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
  if ((type === 'number' || type === 'integer') && typeof value === 'string' && /^\s*-?\d+(?:\.\d+)?\s*$/.test(value))
    return Number(value);
  return value;
}

/** Structured content as it is; otherwise texts as a text or data, other kinds as files or objects. */
async function valueOfResult(result: PlainValue, { call }: WebCall): Promise<PlainValue> {
  if (!isObject(result)) return result;
  const content = Array.isArray(result['content']) ? result['content'] : [];
  const texts = content.flatMap((one) => (isObject(one) && one['type'] === 'text' ? [wordOf(one['text'])] : []));
  if (result['isError'] === true) throw toolFailed(texts.join(' '));
  if (result['structuredContent'] !== undefined) return result['structuredContent'] ?? null;
  if (texts.length === content.length) {
    const text = texts.join('\n');
    return (/^\s*[[{]/.test(text) ? dataOf(text) : undefined) ?? text;
  }
  const values: PlainValue[] = [];
  for (const one of content) {
    const data = isObject(one) && typeof one['data'] === 'string' ? Buffer.from(one['data'], 'base64') : null;
    const type = isObject(one) && typeof one['mimeType'] === 'string' ? one['mimeType'] : 'application/octet-stream';
    if (isObject(one) && one['type'] === 'text') values.push(wordOf(one['text']));
    else if (data) values.push({ ...(await call.drive.make(`mcp.${type.split(/[/+;]/)[1] ?? 'bin'}`, data, type)) });
    else values.push(one);
  }
  return values.length === 1 ? values[0]! : values;
}

const namesShownMax = 12;

function unknownTool(name: string, tools: readonly McpTool[]): OperationFailed {
  const names = tools.slice(0, namesShownMax).map((one) => one.name.slice(0, 60));
  const shown = name.slice(0, 60);
  return new OperationFailed({
    en: `the MCP server has no tool "${shown}"; it has ${names.join(', ')}`,
    pt: `o servidor MCP não tem a ferramenta "${shown}"; ele tem ${names.join(', ')}`,
  });
}

function tooManyValues(name: string, most: number): OperationFailed {
  const shown = name.slice(0, 60);
  return new OperationFailed({
    en: `the tool "${shown}" takes at most ${most} values`,
    pt: `a ferramenta "${shown}" recebe no máximo ${most} valores`,
  });
}

function toolFailed(text: string): OperationFailed {
  const said = text.replace(/\s+/g, ' ').trim().slice(0, 300);
  return new OperationFailed({ en: `the tool failed: ${said}`, pt: `a ferramenta falhou: ${said}` });
}
