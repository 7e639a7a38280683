import type { Expression, LabelReference, Name, Statement } from './ast.ts';

/** One for all: most statements and expressions hold nothing, and each is asked a dozen times. */
const nothing: readonly never[] = [];

/** The statements directly inside a statement, block by block. */
export function blocksOf(statement: Statement): readonly (readonly Statement[])[] {
  switch (statement.kind) {
    case 'if':
      return [...statement.branches.map((branch) => branch.body), statement.otherwise];
    case 'for':
    case 'forEach':
    case 'while':
    case 'with':
    case 'include':
      return [statement.body];
    case 'select':
      return [...statement.cases.map((one) => one.body), statement.otherwise];
    case 'try':
      return [statement.body, statement.handler, statement.last];
    default:
      return nothing;
  }
}

/** The expressions of a statement itself, not of the statements inside it, in the order they are computed. */
export function expressionsOf(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case 'talk':
    case 'call':
      return [statement.value];
    case 'hear':
      return [
        ...(statement.prompt ? [statement.prompt] : []),
        ...(statement.menu ?? []),
        ...(statement.fallback ? [statement.fallback] : []),
        statement.target,
      ];
    case 'assign':
      return [statement.value, statement.target];
    case 'if':
      return statement.branches.map((branch) => branch.condition);
    case 'for':
      return [statement.from, statement.to, ...(statement.step ? [statement.step] : []), statement.variable];
    case 'forEach':
      return [statement.list, statement.variable];
    case 'while':
      return statement.condition ? [statement.condition] : [];
    case 'select':
      return [
        statement.value,
        ...statement.cases.flatMap((one) =>
          one.tests.flatMap((test) => (test.kind === 'range' ? [test.from, test.to] : [test.value])),
        ),
      ];
    case 'return':
      return statement.value ? [statement.value] : [];
    case 'dim':
      return [...statement.sizes, ...(statement.value ? [statement.value] : []), statement.target];
    case 'with':
      return [statement.target];
    case 'onGoto':
      return [statement.value];
    case 'looseFor':
      return [statement.from, statement.to, ...(statement.step ? [statement.step] : []), statement.variable];
    case 'looseNext':
      return [statement.variable];
    case 'print':
      return [
        ...(statement.using ? [statement.using] : []),
        ...statement.items.flatMap((item) => ('value' in item ? [item.value] : [])),
      ];
    case 'input':
      return [...(statement.prompt ? [statement.prompt] : []), ...statement.targets];
    case 'read':
      return statement.targets;
    case 'swap':
      return [statement.left, statement.right];
    case 'randomize':
      return statement.seed ? [statement.seed] : [];
    case 'throw':
      return [statement.value];
    case 'try':
      return statement.variable ? [statement.variable] : [];
    default:
      return nothing;
  }
}

export function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'interpolation':
      return node.parts;
    case 'apply':
      return [node.target, ...node.args];
    case 'member':
      return [node.target];
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'array':
      return node.items;
    case 'object':
      return node.entries.map((entry) => entry.value);
    case 'operation':
      return node.args.map((argument) => argument.value);
    default:
      return nothing;
  }
}

export function eachStatement(body: readonly Statement[], visit: (statement: Statement) => void): void {
  for (const statement of body) {
    visit(statement);
    for (const block of blocksOf(statement)) eachStatement(block, visit);
  }
}

/** Every expression below a body, children before parents. */
export function eachExpression(body: readonly Statement[], visit: (node: Expression) => void): void {
  const walk = (node: Expression): void => {
    for (const child of childrenOf(node)) walk(child);
    visit(node);
  };
  eachStatement(body, (statement) => {
    for (const node of expressionsOf(statement)) walk(node);
  });
}

export function someStatement(body: readonly Statement[], test: (statement: Statement) => boolean): boolean {
  return body.some((statement) => test(statement) || blocksOf(statement).some((block) => someStatement(block, test)));
}

/** The names a statement gives a value to; for an element or a property, the name it hangs on. */
export function targetsOf(statement: Statement): readonly Name[] {
  switch (statement.kind) {
    case 'assign':
    case 'hear':
    case 'with':
    case 'dim':
      return baseOf(statement.target);
    case 'for':
    case 'forEach':
    case 'looseFor':
    case 'looseNext':
      return [statement.variable];
    case 'input':
    case 'read':
      return statement.targets.flatMap(baseOf);
    case 'swap':
      return [...baseOf(statement.left), ...baseOf(statement.right)];
    case 'try':
      return statement.variable ? [statement.variable] : [];
    default:
      return [];
  }
}

function baseOf(target: Expression): readonly Name[] {
  let base = target;
  while (base.kind === 'apply' || base.kind === 'member') base = base.target;
  return base.kind === 'name' ? [base] : [];
}

/** The labels a statement can jump to. */
export function labelsOf(statement: Statement): readonly LabelReference[] {
  switch (statement.kind) {
    case 'goto':
    case 'gosub':
      return [statement.label];
    case 'onGoto':
      return statement.labels;
    case 'restore':
    case 'onError':
    case 'resume':
      return statement.label ? [statement.label] : [];
    default:
      return [];
  }
}
