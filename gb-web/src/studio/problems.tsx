import type { Diagnostic } from 'gb-vm/compiler';
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import { useT } from './words/index.ts';

/** What the compiler found, in reading order; a click leads to the place. */
export function Problems({
  diagnostics,
  onShow,
}: {
  diagnostics: readonly Diagnostic[];
  onShow: (file: string, offset: number) => void;
}) {
  const t = useT();
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return (
    <section className="problems" aria-label={t('studio.problems')}>
      <div className="problems-header" role="status">
        {diagnostics.length === 0 ? (
          <CircleCheck size={16} aria-hidden className="is-good" />
        ) : errors > 0 ? (
          <CircleX size={16} aria-hidden className="is-bad" />
        ) : (
          <TriangleAlert size={16} aria-hidden />
        )}
        {diagnostics.length === 0 ? t('studio.noProblems') : t('studio.problemCount', { count: diagnostics.length })}
      </div>
      {diagnostics.length > 0 ? (
        <ul className="problem-list">
          {diagnostics.map((diagnostic) => (
            <li key={`${diagnostic.file}:${diagnostic.offset}:${diagnostic.code}`}>
              <button type="button" className="problem" onClick={() => onShow(diagnostic.file, diagnostic.offset)}>
                <span className="problem-place">
                  {diagnostic.file}:{diagnostic.line}:{diagnostic.column}
                </span>
                <span>
                  {diagnostic.message}
                  {diagnostic.hint ? <span className="soft"> {diagnostic.hint}</span> : null}
                </span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
