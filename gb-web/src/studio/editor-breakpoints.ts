import { type EditorState, type Extension, RangeSet, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutter, keymap } from '@codemirror/view';

/** Breakpoints and the line a program stands at, in the margin of the editor. Both move with the text. */

const setLines = StateEffect.define<readonly number[]>();
const toggleAt = StateEffect.define<number>();
const setStopped = StateEffect.define<number | null>();

class Dot extends GutterMarker {
  override toDOM(): Node {
    const dot = document.createElement('span');
    dot.className = 'cm-breakpoint';
    return dot;
  }
}
const dot = new Dot();

const field = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update(marks, transaction) {
    let next = marks.map(transaction.changes);
    const { doc } = transaction.state;
    for (const effect of transaction.effects) {
      if (effect.is(setLines))
        next = RangeSet.of(
          [...new Set(effect.value)]
            .filter((line) => line >= 1 && line <= doc.lines)
            .map((line) => dot.range(doc.line(line).from)),
          true,
        );
      else if (effect.is(toggleAt)) {
        const { from, to } = doc.lineAt(effect.value);
        let isThere = false;
        next.between(from, to, () => {
          isThere = true;
        });
        next = isThere
          ? next.update({ filter: (at) => at < from || at > to })
          : next.update({ add: [dot.range(from)], sort: true });
      }
    }
    return next;
  },
});

const stoppedLine = Decoration.line({ class: 'cm-stopped' });

const stopped = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = marks.map(transaction.changes);
    const { doc } = transaction.state;
    for (const effect of transaction.effects)
      if (effect.is(setStopped))
        next =
          effect.value !== null && effect.value >= 1 && effect.value <= doc.lines
            ? Decoration.set(stoppedLine.range(doc.line(effect.value).from))
            : Decoration.none;
    return next;
  },
  provide: (self) => EditorView.decorations.from(self),
});

/** The lines with a breakpoint, from 1. */
export function breakpointsIn(state: EditorState): readonly number[] {
  const marks = state.field(field, false);
  if (!marks) return [];
  const lines = new Set<number>();
  for (let at = marks.iter(); at.value; at.next()) lines.add(state.doc.lineAt(at.from).number);
  return [...lines].sort((a, b) => a - b);
}

export function showBreakpoints(view: EditorView, lines: readonly number[]): void {
  if (breakpointsIn(view.state).join() !== [...lines].sort((a, b) => a - b).join())
    view.dispatch({ effects: setLines.of(lines) });
}

export function showStopped(view: EditorView, line: number | null): void {
  const isInside = line !== null && line >= 1 && line <= view.state.doc.lines;
  const scroll = isInside ? [EditorView.scrollIntoView(view.state.doc.line(line).from, { y: 'nearest', yMargin: 60 })] : [];
  view.dispatch({ effects: [setStopped.of(line), ...scroll] });
}

/** A click in the margin, or F9 at the caret, sets and takes away. `onChange` hears every change, also by editing. */
export function breakpoints(onChange: (lines: readonly number[], toggled: number | null) => void): Extension {
  const toggle = (view: EditorView, position: number): void => view.dispatch({ effects: toggleAt.of(position) });
  return [
    field,
    stopped,
    gutter({
      class: 'cm-breakpoints',
      renderEmptyElements: true,
      markers: (view) => view.state.field(field),
      initialSpacer: () => dot,
      domEventHandlers: {
        mousedown(view, line) {
          toggle(view, line.from);
          view.focus();
          return true;
        },
      },
    }),
    keymap.of([
      {
        key: 'F9',
        preventDefault: true,
        run: (view) => {
          toggle(view, view.state.selection.main.head);
          return true;
        },
      },
    ]),
    EditorView.updateListener.of((update) => {
      const before = breakpointsIn(update.startState);
      const now = breakpointsIn(update.state);
      if (before.join() === now.join()) return;
      const toggled = update.transactions.flatMap(({ effects }) => effects).find((effect) => effect.is(toggleAt));
      onChange(now, toggled ? update.state.doc.lineAt(toggled.value).number : null);
    }),
  ];
}
