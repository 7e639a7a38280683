import { ArrowLeft, ArrowRight } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../design/button.tsx';
import { Field, type FieldProps } from '../design/field.tsx';
import { Notice } from '../design/notice.tsx';
import { useT } from '../i18n/index.ts';
import { Entrance } from './entrance.tsx';

/** One question: what is asked, and why an answer will not do (null when it will). */
export interface Step {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly field: Pick<FieldProps, 'label' | 'type' | 'autoComplete' | 'placeholder' | 'hint' | 'maxLength'>;
  readonly check: (value: string) => string | null;
}

export interface StepsProps {
  readonly steps: readonly Step[];
  readonly submitLabel: string;
  readonly isRunning: boolean;
  readonly problem: string | null;
  /** A question whose answer the server refused: it is asked again. */
  readonly refused: { readonly id: string; readonly problem: string } | null;
  readonly onSubmit: (answers: Readonly<Record<string, string>>) => void;
  readonly onLeave?: () => void;
  readonly footer?: ReactNode;
}

/** One question per screen, with the way back open and nothing lost on it. */
export function Steps({ steps, submitLabel, isRunning, problem, refused, onSubmit, onLeave, footer }: StepsProps) {
  const t = useT();
  const [index, setIndex] = useState(0);
  const [answers, setAnswers] = useState<Readonly<Record<string, string>>>({});
  const [shown, setShown] = useState<{ id: string; problem: string } | null>(null);
  const [seenRefusal, setSeenRefusal] = useState(refused);

  if (refused !== seenRefusal) {
    setSeenRefusal(refused);
    if (refused) {
      setShown(refused);
      setIndex(
        Math.max(
          0,
          steps.findIndex((step) => step.id === refused.id),
        ),
      );
    }
  }

  const step = steps[index]!;
  const value = answers[step.id] ?? '';
  const isLast = index === steps.length - 1;
  const error = shown?.id === step.id ? shown.problem : null;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wrong = step.check(value);
    if (wrong !== null) {
      setShown({ id: step.id, problem: wrong });
      return;
    }
    setShown(null);
    if (isLast) onSubmit(answers);
    else setIndex(index + 1);
  };

  return (
    <Entrance progress={{ step: index + 1, of: steps.length }}>
      <form className="question" onSubmit={submit} key={step.id} noValidate>
        <h1>{step.title}</h1>
        <p className="soft question-text">{step.text}</p>
        <Field
          {...step.field}
          isLarge
          hasFocus
          name={step.id}
          value={value}
          error={error}
          onChange={(next) => {
            setAnswers({ ...answers, [step.id]: next });
            if (error) setShown(null);
          }}
        />
        {problem && isLast && !error ? <Notice tone="danger">{problem}</Notice> : null}
        <div className="question-actions">
          {index > 0 || onLeave ? (
            <Button
              tone="quiet"
              size="large"
              icon={<ArrowLeft size={18} aria-hidden />}
              onPress={() => (index > 0 ? setIndex(index - 1) : onLeave?.())}
            >
              {t('common.back')}
            </Button>
          ) : (
            <span />
          )}
          <Button
            type="submit"
            tone="primary"
            size="large"
            isDisabled={isRunning}
            iconAfter={isLast ? null : <ArrowRight size={18} aria-hidden />}
          >
            {isLast ? submitLabel : t('common.next')}
          </Button>
        </div>
      </form>
      {footer}
    </Entrance>
  );
}
