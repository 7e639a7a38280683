import { ChevronDown, ChevronRight } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { withoutReordering } from '../../lib/safe-text.ts';
import { useT } from '../words/index.ts';
import type { Outcome, Variable } from './protocol.ts';
import type { DebuggerControl } from './use-debugger.ts';

const pageSize = 100;

/** The variables of one call, to be opened and changed while the program stands still. */
export function Variables({
  control,
  frame,
  label,
  canChange,
}: {
  control: DebuggerControl;
  /** -1: those of the main program. */
  frame: number;
  label: string;
  canChange: boolean;
}) {
  const t = useT();
  const [round, setRound] = useState(0);
  const [found, setFound] = useState<readonly Variable[]>([]);
  const { state } = control;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was changed is read again
  useEffect(() => {
    // While it runs, what was last seen stays: a step would else be a flicker.
    if (state?.phase === 'running') return;
    let isCurrent = true;
    void control.variables(frame).then((variables) => isCurrent && setFound(variables));
    return () => {
      isCurrent = false;
    };
  }, [state, frame, round]);

  return (
    <section className="debug-section" aria-label={label}>
      <h4>{label}</h4>
      {found.length === 0 ? <p className="soft debug-empty">{t('debug.noVariables')}</p> : null}
      <ul className="debug-values">
        {found.map((variable) => (
          <ValueRow
            key={variable.name}
            variable={variable}
            control={control}
            frame={frame}
            onSet={canChange ? (text) => control.set(frame, variable.name, text) : null}
            onChanged={() => setRound((n) => n + 1)}
          />
        ))}
      </ul>
    </section>
  );
}

export function ValueRow({
  variable,
  control,
  frame,
  onSet,
  onChanged,
}: {
  variable: Variable;
  control: DebuggerControl;
  frame: number;
  onSet: ((text: string) => Promise<Outcome>) | null;
  onChanged: () => void;
}) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const [isEditing, setEditing] = useState(false);
  const value = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  const name = withoutReordering(variable.name);
  const Chevron = isOpen ? ChevronDown : ChevronRight;

  // The field that had the focus is gone; the keys of the debugger go on from where one was.
  useEffect(() => {
    if (wasEditing.current && !isEditing) value.current?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);

  return (
    <li>
      <div className="debug-value">
        {variable.inside === null ? (
          <span className="debug-name">{name}</span>
        ) : (
          <button
            type="button"
            className="debug-name debug-toggle"
            aria-expanded={isOpen}
            aria-label={t('debug.inside', { name, count: variable.count })}
            onClick={() => setOpen(!isOpen)}
          >
            <Chevron size={14} aria-hidden />
            {name}
          </button>
        )}
        {isEditing && onSet ? (
          <ValueEditor
            name={name}
            text={variable.text}
            onSet={onSet}
            onEnd={(isChanged) => {
              setEditing(false);
              if (isChanged) onChanged();
            }}
          />
        ) : onSet && variable.inside === null ? (
          <button
            ref={value}
            type="button"
            className={`debug-text debug-${variable.type}`}
            aria-label={t('debug.change', { name, value: variable.text })}
            onClick={() => setEditing(true)}
          >
            {withoutReordering(variable.text)}
          </button>
        ) : (
          <span className={`debug-text debug-${variable.type}`}>{withoutReordering(variable.text)}</span>
        )}
      </div>
      {isOpen && variable.inside !== null ? (
        <Inside
          variable={variable}
          handle={variable.inside}
          control={control}
          frame={frame}
          canChange={onSet !== null}
          onChanged={onChanged}
        />
      ) : null}
    </li>
  );
}

function Inside({
  variable,
  handle,
  control,
  frame,
  canChange,
  onChanged,
}: {
  variable: Variable;
  handle: number;
  control: DebuggerControl;
  frame: number;
  canChange: boolean;
  onChanged: () => void;
}) {
  const t = useT();
  const [found, setFound] = useState<readonly Variable[]>([]);
  const [count, setCount] = useState(pageSize);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a control is new with every state, its thread is not
  useEffect(() => {
    let isCurrent = true;
    void control.inside(handle, 0, count).then((items) => isCurrent && setFound(items));
    return () => {
      isCurrent = false;
    };
  }, [handle, count]);
  return (
    <ul className="debug-values">
      {found.map((item) => (
        <ValueRow
          key={item.name}
          variable={item}
          control={control}
          frame={frame}
          onSet={canChange ? (text) => control.setInside(handle, item.name, frame, text) : null}
          onChanged={onChanged}
        />
      ))}
      {variable.count > found.length && found.length >= count ? (
        <li>
          <button type="button" className="link-button" onClick={() => setCount(count + pageSize)}>
            {t('debug.more', { count: variable.count - found.length })}
          </button>
        </li>
      ) : null}
    </ul>
  );
}

function ValueEditor({
  name,
  text,
  onSet,
  onEnd,
}: {
  name: string;
  text: string;
  onSet: (text: string) => Promise<Outcome>;
  onEnd: (isChanged: boolean) => void;
}) {
  const t = useT();
  const [value, setValue] = useState(text);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const outcome = await onSet(value);
    if ('problem' in outcome) setProblem(outcome.problem);
    else onEnd(true);
  };
  return (
    <form className="debug-editor" onSubmit={(event) => void submit(event)}>
      <input
        // biome-ignore lint/a11y/noAutofocus: somebody asked to write here
        autoFocus
        className="studio-input is-code"
        value={value}
        aria-label={t('debug.newValue', { name })}
        aria-invalid={problem !== null}
        onChange={(event) => setValue(event.target.value)}
        onFocus={(event) => event.target.select()}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault();
          event.stopPropagation();
          onEnd(false);
        }}
        onBlur={() => problem === null && value === text && onEnd(false)}
      />
      {problem ? (
        <span className="field-error" role="alert">
          {problem}
        </span>
      ) : null}
    </form>
  );
}
