import type { ScriptFile } from 'gb-protocol';
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { EditorHandle } from './code-editor.tsx';
import type { State } from './debug/protocol.ts';
import type { Side } from './two-sides.tsx';

export interface ShownScript {
  readonly fileName: string;
  readonly setFileName: (name: string) => void;
  readonly text: string;
  readonly shows: Side;
  readonly setShows: (side: Side) => void;
  readonly editor: RefObject<EditorHandle | null>;
  /** Opens a script there, also where the other side was in sight. */
  readonly show: (file: string, offset: number) => void;
  readonly showLine: (file: string, line: number) => void;
  /** Which call of the debugger one looks at, and the line of the open script it stands in. */
  readonly frame: number;
  readonly setFrame: (frame: number) => void;
  readonly stoppedLine: number | null;
}

/**
 * Which script is open beside what runs. Where the program stands is shown: its file, and the call that runs.
 * `followed` is the state that is followed there, or null while somebody writes.
 */
export function useShownScript(
  scripts: readonly ScriptFile[],
  { first, side, state, followed }: { first: string; side: Side; state: State | null; followed: State | null },
): ShownScript {
  const [fileName, setFileName] = useState(first);
  const [shows, setShows] = useState<Side>(side);
  const [frame, setFrame] = useState(0);
  const editor = useRef<EditorHandle>(null);
  const textOf = (name: string): string => scripts.find((file) => file.name === name)?.text ?? '';

  const top = state?.frames[0];
  const at = followed?.frames[0];
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step is another frame on top
  useEffect(() => {
    setFrame(0);
    if (at && scripts.some(({ name }) => name === at.file)) setFileName(at.file);
  }, [top, at, scripts]);
  const looked = state?.frames[frame] ?? top;

  const show = (file: string, offset: number): void => {
    setShows('code');
    setFileName(file);
    requestAnimationFrame(() => requestAnimationFrame(() => editor.current?.show(offset)));
  };
  return {
    fileName,
    setFileName,
    text: textOf(fileName),
    shows,
    setShows,
    editor,
    show,
    showLine: (file, line) => show(file, offsetOfLine(textOf(file), line)),
    frame,
    setFrame,
    stoppedLine: looked?.file === fileName ? looked.line : null,
  };
}

export function offsetOfLine(text: string, line: number): number {
  let at = 0;
  for (let i = 1; i < line; i++) {
    const next = text.indexOf('\n', at);
    if (next < 0) break;
    at = next + 1;
  }
  return at;
}
