import { type ReactNode, useState } from 'react';
import { useT } from '../i18n/index.ts';

const charactersMax = 2_400;
const linesMax = 26;

/** Which long messages are open. Rows leave the page while scrolling, so it is remembered here. */
const opened = new Set<string>();

export function isLong(text: string): boolean {
  if (text.length > charactersMax) return true;
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) if (++lines > linesMax) return true;
  return false;
}

export function Fold({ text, id, children }: { text: string; id: string; children: ReactNode }) {
  const t = useT();
  const [isOpen, setOpen] = useState(opened.has(id));
  if (!isLong(text)) return children;
  return (
    <>
      <div className={isOpen ? undefined : 'folded'}>{children}</div>
      <button
        type="button"
        className="link-button fold-button"
        aria-expanded={isOpen}
        onClick={() => {
          if (isOpen) opened.delete(id);
          else opened.add(id);
          setOpen(!isOpen);
        }}
      >
        {t(isOpen ? 'message.showLess' : 'message.showMore')}
      </button>
    </>
  );
}
