import { expect } from 'vitest';
import type { Expression, PrintItem, Procedure, Script, Statement } from '../../ast.ts';
import { DiagnosticBag } from '../../diagnostics.ts';
import { parseClassic } from '../parser.ts';

export interface Seen {
  /** The tree as text, one statement a line, blocks indented. */
  readonly tree: string;
  /** `line: code` of every diagnostic; the line is the one in the file. */
  readonly found: readonly string[];
  readonly script: Script;
}

export function see(text: string, profile: 'minimal' | 'classic'): Seen {
  const file = { index: 0, name: 'start.bas', text };
  const bag = new DiagnosticBag([file], 'en');
  const script = parseClassic(file, bag, 'en', profile);
  const procedures = script.procedures.map(showProcedure);
  return {
    tree: [...procedures, ...script.statements.flatMap(showStatement)].join('\n'),
    found: bag.list().map(({ line, code }) => `${line}: ${code}`),
    script,
  };
}

/** The tree of a program without anything wrong in it. */
export function treeOf(text: string, profile: 'minimal' | 'classic' = 'classic'): string {
  const { tree, found } = see(text, profile);
  expect(found).toEqual([]);
  return tree;
}

/** One statement without a line number around it. */
export function statement(text: string): string {
  return treeOf(`10 ${text}`);
}

function showProcedure({ name, parameters, body }: Procedure): string {
  const [only] = body;
  const value = only?.kind === 'return' && only.value ? showExpression(only.value) : '?';
  return `def ${name}(${parameters.map((one) => one.name).join(', ')}) = ${value}`;
}

const block = (body: readonly Statement[]): string[] => body.flatMap(showStatement).map((line) => `  ${line}`);

function showStatement(one: Statement): string[] {
  const value = showExpression;
  switch (one.kind) {
    case 'label':
      return [`${one.name}:`];
    case 'goto':
    case 'gosub':
      return [`${one.kind} ${one.label.name}`];
    case 'onGoto':
      return [`on ${value(one.value)} ${one.word} ${one.labels.map(({ name }) => name).join(' ')}`];
    case 'assign':
      return [`${value(one.target)} = ${value(one.value)}`];
    case 'if':
      return [
        ...one.branches.flatMap(({ condition, body }) => [`if ${value(condition)}`, ...block(body)]),
        ...(one.otherwise.length > 0 ? ['else', ...block(one.otherwise)] : []),
      ];
    case 'for':
    case 'looseFor': {
      const step = one.step ? ` step ${value(one.step)}` : '';
      const head = `${one.kind} ${one.variable.name} = ${value(one.from)} to ${value(one.to)}${step}`;
      return one.kind === 'for' ? [head, ...block(one.body)] : [`${head} next ${one.next}`];
    }
    case 'looseNext':
      return [`looseNext ${one.variable.name} ${one.number}`];
    case 'while':
      return [`while ${value(one.condition!)}`, ...block(one.body)];
    case 'dim':
      return [`dim ${one.target.name} ${one.sizes.map(value).join(' ')}`];
    case 'print':
      return [['print', ...(one.using ? [`using ${value(one.using)}`] : []), ...one.items.map(showItem)].join(' ')];
    case 'input': {
      const prompt = one.prompt ? `${value(one.prompt)} ` : '';
      const mark = one.hasQuestionMark ? '? ' : '';
      return [`${one.isLine ? 'line input' : 'input'} ${prompt}${mark}${one.targets.map(value).join(' ')}`];
    }
    case 'read':
      return [`read ${one.targets.map(value).join(' ')}`];
    case 'data':
      return [`data ${one.items.map(({ text, isQuoted }) => (isQuoted ? JSON.stringify(text) : `<${text}>`)).join(' ')}`];
    case 'restore':
      return [`restore${one.label ? ` ${one.label.name}` : ''}`];
    case 'randomize':
      return [`randomize${one.seed ? ` ${value(one.seed)}` : ''}`];
    case 'onError':
      return [`on error ${one.action}${one.label ? ` ${one.label.name}` : ''}`];
    case 'resume':
      return [`resume ${one.to}${one.label ? ` ${one.label.name}` : ''}`];
    case 'throw':
      return [`throw ${value(one.value)}`];
    case 'return':
      return ['return'];
    default:
      return [one.kind];
  }
}

function showItem(item: PrintItem): string {
  switch (item.kind) {
    case 'comma':
      return ',';
    case 'semicolon':
      return ';';
    case 'value':
      return showExpression(item.value);
    default:
      return `${item.kind}[${showExpression(item.value)}]`;
  }
}

function showExpression(node: Expression): string {
  switch (node.kind) {
    case 'number':
      return String(node.value);
    case 'text':
      return JSON.stringify(node.value);
    case 'name':
      return node.name;
    case 'apply': {
      const target = node.target.kind === 'name' ? node.target.name.replace('()', '') : '?';
      return `${target}(${node.args.map(showExpression).join(', ')})`;
    }
    case 'unary':
      return `(${node.operator} ${showExpression(node.operand)})`;
    case 'binary':
      return `(${showExpression(node.left)} ${node.operator} ${showExpression(node.right)})`;
    default:
      return node.kind;
  }
}
