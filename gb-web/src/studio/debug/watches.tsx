import { Plus, X } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { IconButton } from '../../design/button.tsx';
import { withoutReordering } from '../../lib/safe-text.ts';
import { useT } from '../words/index.ts';
import type { Outcome } from './protocol.ts';
import type { DebuggerControl } from './use-debugger.ts';
import { ValueRow } from './variables.tsx';

const watchesMax = 30;

/** Expressions that are computed anew at every stop. */
export function Watches({
  control,
  frame,
  watches,
  onChange,
}: {
  control: DebuggerControl;
  frame: number;
  watches: readonly string[];
  onChange: (watches: readonly string[]) => void;
}) {
  const t = useT();
  const [text, setText] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = text.trim();
    if (wanted === '' || watches.length >= watchesMax) return;
    if (!watches.includes(wanted)) onChange([...watches, wanted]);
    setText('');
  };
  return (
    <section className="debug-section" aria-label={t('debug.watch')}>
      <h4>{t('debug.watch')}</h4>
      <ul className="debug-values">
        {watches.map((watch) => (
          <Watch
            key={watch}
            text={watch}
            control={control}
            frame={frame}
            onRemove={() => onChange(watches.filter((other) => other !== watch))}
          />
        ))}
      </ul>
      <form className="debug-add" onSubmit={submit}>
        <input
          className="studio-input is-code"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={t('debug.watchExample')}
          aria-label={t('debug.watchAdd')}
          spellCheck={false}
        />
        <IconButton type="submit" size="small" label={t('debug.watchAdd')} isDisabled={text.trim() === ''}>
          <Plus size={16} aria-hidden />
        </IconButton>
      </form>
    </section>
  );
}

function Watch({
  text,
  control,
  frame,
  onRemove,
}: {
  text: string;
  control: DebuggerControl;
  frame: number;
  onRemove: () => void;
}) {
  const t = useT();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const { state } = control;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each state is another moment to compute it in
  useEffect(() => {
    if (state?.phase === 'running') return;
    let isCurrent = true;
    void control.evaluate(frame, text).then((found) => isCurrent && setOutcome(found));
    return () => {
      isCurrent = false;
    };
  }, [state, frame, text]);
  return (
    <li className="debug-watch">
      <ul className="debug-values grow">
        {outcome === null || 'problem' in outcome ? (
          <li className="debug-value">
            <span className="debug-name">{withoutReordering(text)}</span>
            <span className="soft">{outcome?.problem}</span>
          </li>
        ) : (
          <ValueRow
            variable={{ name: text, ...outcome }}
            control={control}
            frame={frame}
            onSet={null}
            onChanged={() => undefined}
          />
        )}
      </ul>
      <IconButton size="small" label={t('debug.watchRemove', { text })} onPress={onRemove}>
        <X size={14} aria-hidden />
      </IconButton>
    </li>
  );
}
