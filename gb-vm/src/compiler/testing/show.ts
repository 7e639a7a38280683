import type { Expression, Script, Statement } from '../ast.ts';
import { DiagnosticBag } from '../diagnostics.ts';
import { parse } from '../parser.ts';

/** A script as its parser understood it, on one line for each statement: for tests. Diagnostics come first, as `! code`. */
export function understood(text: string): string {
  const file = { index: 0, name: 'start.bas', text };
  const bag = new DiagnosticBag([file], 'en');
  const script = parse(file, bag, 'en');
  return [...bag.list().map(({ code, line, column }) => `! ${code} ${line}:${column}`), ...showScript(script)].join('\n');
}

function showScript({ statements, procedures, declarations }: Script): string[] {
  return [
    ...declarations.map(({ keyword, values }) => `@${keyword} ${JSON.stringify(values)}`),
    ...procedures.flatMap(({ kind, display, parameters, body, isInline }) => [
      `${isInline ? 'DEF ' : ''}${kind} ${display}(${parameters.map((one) => one.display).join(', ')})`,
      ...indented(body),
    ]),
    ...statements.flatMap(showStatement),
  ];
}

const indented = (body: readonly Statement[]): string[] => body.flatMap(showStatement).map((line) => `  ${line}`);

function showStatement(statement: Statement): string[] {
  switch (statement.kind) {
    case 'talk':
    case 'throw':
      return [`${statement.kind} ${show(statement.value)}`];
    case 'call':
      return [show(statement.value)];
    case 'assign':
      return [`${show(statement.target)} := ${show(statement.value)}`];
    case 'return':
      return [statement.value ? `return ${show(statement.value)}` : 'return'];
    case 'label':
      return [`${statement.name}:`];
    case 'goto':
    case 'gosub':
      return [`${statement.kind} ${statement.label.name}`];
    case 'onGoto':
      return [`on ${show(statement.value)} ${statement.word} ${statement.labels.map(({ name }) => name).join(' ')}`];
    case 'onError':
      return [`on error ${statement.action}${statement.label ? ` ${statement.label.name}` : ''}`];
    case 'resume':
      return [`resume ${statement.to}${statement.label ? ` ${statement.label.name}` : ''}`];
    case 'restore':
      return [`restore${statement.label ? ` ${statement.label.name}` : ''}`];
    case 'exit':
    case 'continue':
      return [`${statement.kind} ${statement.what}`];
    case 'swap':
      return [`swap ${show(statement.left)} ${show(statement.right)}`];
    case 'data':
      return [`data ${statement.items.map(({ text, isQuoted }) => (isQuoted ? JSON.stringify(text) : text)).join('|')}`];
    case 'read':
      return [`read ${statement.targets.map(show).join(' ')}`];
    case 'randomize':
      return [`randomize${statement.seed ? ` ${show(statement.seed)}` : ''}`];
    case 'print':
      return [`print${statement.using ? ` using ${show(statement.using)}` : ''}${statement.items.map(showItem).join('')}`];
    case 'input':
      return [
        `input${statement.isLine ? ' line' : ''} ${statement.prompt ? show(statement.prompt) : '-'}${statement.hasQuestionMark ? '?' : ''} ${statement.targets.map(show).join(' ')}`,
      ];
    case 'hear': {
      const { target, type, menu, isOpen, prompt, fallback } = statement;
      const parts = [menu ? `menu(${menu.map(show).join(' ')}${isOpen ? ' *' : ''})` : type];
      if (prompt) parts.push(`with ${show(prompt)}`);
      if (fallback) parts.push(`default ${show(fallback)}`);
      return [`hear ${show(target)} ${parts.join(' ')}`];
    }
    case 'dim': {
      const { target, sizes, typeName, value, isKept } = statement;
      const size = sizes.length > 0 ? `(${sizes.map(show).join(' ')})` : '';
      return [
        `dim ${target.display}${size}${typeName ? ` ${typeName}` : ''}${value ? ` = ${show(value)}` : ''}${isKept ? ' kept' : ''}`,
      ];
    }
    case 'if':
      return [
        ...statement.branches.flatMap(({ condition, body }) => [`if ${show(condition)}`, ...indented(body)]),
        ...(statement.otherwise.length > 0 ? ['else', ...indented(statement.otherwise)] : []),
      ];
    case 'for':
      return [
        `for ${statement.variable.display} ${show(statement.from)} ${show(statement.to)}${statement.step ? ` ${show(statement.step)}` : ''}`,
        ...indented(statement.body),
      ];
    case 'forEach':
      return [`each ${statement.variable.display} ${show(statement.list)}`, ...indented(statement.body)];
    case 'while':
      return [
        `${statement.isTestedLast ? 'until last' : ''}${statement.isUntil ? 'until' : 'while'} ${statement.condition ? show(statement.condition) : '-'}`,
        ...indented(statement.body),
      ];
    case 'select':
      return [
        `select ${show(statement.value)}`,
        ...statement.cases.flatMap(({ tests, body }) => [
          `case ${tests.map((one) => (one.kind === 'range' ? `${show(one.from)}..${show(one.to)}` : `${one.operator}${show(one.value)}`)).join(' ')}`,
          ...indented(body),
        ]),
        ...(statement.otherwise.length > 0 ? ['else', ...indented(statement.otherwise)] : []),
      ];
    case 'with':
      return [`with ${show(statement.target)}`, ...indented(statement.body)];
    case 'try':
      return [
        'try',
        ...indented(statement.body),
        `catch ${statement.variable?.display ?? '-'}`,
        ...indented(statement.handler),
        ...(statement.last.length > 0 ? ['finally', ...indented(statement.last)] : []),
      ];
    default:
      return [statement.kind];
  }
}

function showItem(item: Extract<Statement, { kind: 'print' }>['items'][number]): string {
  switch (item.kind) {
    case 'comma':
      return ' ,';
    case 'semicolon':
      return ' ;';
    case 'value':
      return ` ${show(item.value)}`;
    default:
      return ` ${item.kind}(${show(item.value)})`;
  }
}

/** An expression in brackets and few words: `(+ a 1)`, `FIND{table: "t"}`. */
export function show(node: Expression): string {
  switch (node.kind) {
    case 'number':
      return String(node.value);
    case 'text':
      return JSON.stringify(node.value);
    case 'boolean':
      return String(node.value);
    case 'null':
      return 'null';
    case 'interpolation':
      return `text(${node.parts.map(show).join(' ')})`;
    case 'name':
      return node.display;
    case 'apply':
      return `${show(node.target)}${node.bracket === '[' ? `[${node.args.map(show).join(' ')}]` : `(${node.args.map(show).join(' ')})`}`;
    case 'member':
      return `${show(node.target)}.${node.name}`;
    case 'unary':
      return `(${node.operator} ${show(node.operand)})`;
    case 'binary':
      return `(${node.operator} ${show(node.left)} ${show(node.right)})`;
    case 'array':
      return `[${node.items.map(show).join(', ')}]`;
    case 'object':
      return `{${node.entries.map(({ key, value }) => `${key}: ${show(value)}`).join(', ')}}`;
    case 'operation':
      return `${node.name}{${node.args.map(({ key, value }) => `${key}: ${show(value)}`).join(', ')}}`;
    default:
      return `<${node.kind}>`;
  }
}
