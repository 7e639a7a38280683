import { type RefObject, useEffect, useRef, useState } from 'react';

/** Files let fall anywhere on the column are taken by its composer. Tells whether some are held over it now. */
export function useFileDrop(ref: RefObject<HTMLElement | null>, onFiles: (files: readonly File[]) => void): boolean {
  const [isOver, setOver] = useState(false);
  const take = useRef(onFiles);
  useEffect(() => {
    take.current = onFiles;
  });

  useEffect(() => {
    const column = ref.current?.closest<HTMLElement>('.pane, .channel-column');
    if (!column) return;
    // Entering a child leaves its parent: counted, the column is left when the pointer is.
    let depth = 0;
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const listeners = new AbortController();
    const on = (name: 'dragenter' | 'dragover' | 'dragleave' | 'drop', handle: (event: DragEvent) => void): void =>
      column.addEventListener(
        name,
        (event) => {
          if (!hasFiles(event)) return;
          event.preventDefault();
          handle(event);
        },
        { signal: listeners.signal },
      );
    on('dragenter', () => {
      depth += 1;
      setOver(true);
    });
    on('dragover', (event) => {
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
    });
    on('dragleave', () => {
      depth -= 1;
      if (depth <= 0) setOver(false);
    });
    on('drop', (event) => {
      depth = 0;
      setOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) take.current(files);
    });
    // Beside the column a file would replace the whole application: the browser opens what it is given.
    for (const name of ['dragover', 'drop'] as const)
      window.addEventListener(name, (event) => hasFiles(event) && event.preventDefault(), { signal: listeners.signal });
    return () => listeners.abort();
  }, [ref]);

  return isOver;
}
