import type { HTMLInputTypeAttribute, ReactNode, Ref } from 'react';
import { FieldError, Input, Label, Text, TextArea, TextField } from 'react-aria-components';

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string | null;
  readonly hint?: ReactNode;
  readonly type?: HTMLInputTypeAttribute;
  readonly name?: string;
  readonly autoComplete?: string;
  readonly placeholder?: string;
  readonly maxLength?: number;
  readonly inputMode?: 'text' | 'decimal' | 'numeric';
  readonly isDisabled?: boolean;
  readonly hasFocus?: boolean;
  readonly isLarge?: boolean;
  readonly rows?: number;
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly onBlur?: () => void;
}

/** A labelled text field with its hint, or what is wrong with what was typed. */
export function Field(props: FieldProps) {
  const { label, value, onChange, error, hint, hasFocus, isLarge, rows, inputRef, isDisabled, onBlur, ...rest } = props;
  return (
    <TextField
      className={`field${isLarge ? ' field-large' : ''}`}
      value={value}
      onChange={onChange}
      isInvalid={Boolean(error)}
      isDisabled={isDisabled ?? false}
      autoFocus={hasFocus ?? false}
      type={rows ? 'text' : ((rest.type ?? 'text') as 'text')}
      validationBehavior="aria"
      {...(rest.name ? { name: rest.name } : {})}
      {...(rest.autoComplete ? { autoComplete: rest.autoComplete } : {})}
      {...(rest.maxLength ? { maxLength: rest.maxLength } : {})}
      {...(rest.inputMode ? { inputMode: rest.inputMode } : {})}
      {...(onBlur ? { onBlur } : {})}
    >
      <Label>{label}</Label>
      {rows ? (
        <TextArea rows={rows} {...(rest.placeholder ? { placeholder: rest.placeholder } : {})} />
      ) : (
        <Input {...(inputRef ? { ref: inputRef } : {})} {...(rest.placeholder ? { placeholder: rest.placeholder } : {})} />
      )}
      {hint && !error ? (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      ) : null}
      <FieldError className="field-error">{error}</FieldError>
    </TextField>
  );
}
