import { Check, Copy, WrapText } from 'lucide-react';
import { useState } from 'react';
import { showToast } from '../app/toasts.tsx';
import { useT } from '../i18n/index.ts';
import { withReorderingSpelled } from '../lib/safe-text.ts';

/** A block of code with its language, a copy button and a switch for long lines. */
export function CodeBlock({ code, language }: { code: string; language: string }) {
  const t = useT();
  const [isWrapped, setWrapped] = useState(false);
  const [isCopied, setCopied] = useState(false);

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(code);
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch {
      showToast(t('problem.clipboard'), { tone: 'danger' });
    }
  };

  return (
    <figure className="code-block">
      <figcaption>
        <span className="code-language">{language.slice(0, 24) || t('code.plain')}</span>
        <button
          type="button"
          aria-pressed={isWrapped}
          onClick={() => setWrapped(!isWrapped)}
          title={t('code.wrap')}
          aria-label={t('code.wrap')}
        >
          <WrapText size={14} aria-hidden />
        </button>
        <button type="button" onClick={copy} title={t('code.copy')} aria-label={isCopied ? t('code.copied') : t('code.copy')}>
          {isCopied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
        </button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls sideways has to be reachable by keyboard */}
      <pre className={isWrapped ? 'is-wrapped' : undefined} tabIndex={0}>
        <code>{withReorderingSpelled(code)}</code>
      </pre>
    </figure>
  );
}
