import { Check } from 'lucide-react';
import { useId } from 'react';
import { Checkbox } from 'react-aria-components';

interface CheckListProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly id: T; readonly label: string }[];
  readonly chosen: ReadonlySet<T>;
  readonly onChange: (chosen: ReadonlySet<T>) => void;
  readonly error?: string | null;
}

/** Several of many. */
export function CheckList<T extends string>({ label, options, chosen, onChange, error = null }: CheckListProps<T>) {
  const errorId = useId();
  return (
    <div>
      <fieldset className="hook-choices" aria-describedby={error ? errorId : undefined}>
        <legend>{label}</legend>
        {options.map((option) => (
          <Checkbox
            key={option.id}
            className="checkbox"
            isSelected={chosen.has(option.id)}
            isInvalid={error !== null}
            onChange={(isChosen) => {
              const next = new Set(chosen);
              if (isChosen) next.add(option.id);
              else next.delete(option.id);
              onChange(next);
            }}
          >
            <span className="checkbox-box" aria-hidden>
              <Check size={14} />
            </span>
            <span>{option.label}</span>
          </Checkbox>
        ))}
      </fieldset>
      {error ? (
        <p id={errorId} className="field-error" role="alert">
          {error}
        </p>
      ) : null}
    </div>
  );
}
