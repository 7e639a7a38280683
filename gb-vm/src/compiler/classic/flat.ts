import type { Expression, Name, Statement } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Line } from './lines.ts';

/**
 * The statements of a line as they were written, before it is known which NEXT belongs to which FOR: IF holds only what
 * stands on its own line, and loops are no more than their two ends.
 */
export type Flat = Statement | OpenFor | CloseFor | OpenWhile | CloseWhile | FlatIf;

export interface OpenFor {
  readonly kind: 'openFor';
  readonly span: Span;
  readonly variable: Name;
  readonly from: Expression;
  readonly to: Expression;
  readonly step: Expression | null;
}
export interface CloseFor {
  readonly kind: 'closeFor';
  readonly span: Span;
  /** null for NEXT alone. */
  readonly variable: Name | null;
}
export interface OpenWhile {
  readonly kind: 'openWhile';
  readonly span: Span;
  readonly condition: Expression;
}
export interface CloseWhile {
  readonly kind: 'closeWhile';
  readonly span: Span;
}
export interface FlatIf {
  readonly kind: 'flatIf';
  readonly span: Span;
  readonly condition: Expression;
  readonly body: readonly Flat[];
  readonly otherwise: readonly Flat[];
}

export interface FlatLine {
  readonly line: Line;
  readonly flats: readonly Flat[];
  /** What the line is called by GOTO: its number or a name; null when nothing can refer to it. */
  readonly label: string | null;
}
