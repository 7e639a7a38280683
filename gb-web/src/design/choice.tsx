import { ChevronDown } from 'lucide-react';
import type { Key, ReactNode } from 'react';
import { Button, Label, ListBox, ListBoxItem, Popover, Radio, RadioGroup, Select, SelectValue } from 'react-aria-components';

export interface Option<T extends string> {
  readonly id: T;
  readonly label: string;
  readonly description?: string;
  readonly icon?: ReactNode;
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly Option<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly isDisabled?: boolean;
  readonly isLabelHidden?: boolean;
  /** What stands there before anything is chosen. */
  readonly placeholder?: string;
}

/** A few alternatives, all in sight, each with a line that says what it means. */
export function RadioChoice<T extends string>({ label, options, value, onChange, isDisabled }: ChoiceProps<T>) {
  return (
    <RadioGroup className="radio-group" value={value} onChange={(next) => onChange(next as T)} isDisabled={isDisabled ?? false}>
      <Label>{label}</Label>
      <div className="radio-options">
        {options.map((option) => (
          <Radio key={option.id} value={option.id} className="radio">
            <span className="radio-mark" aria-hidden />
            <span>
              <span className="radio-label">
                {option.icon}
                {option.label}
              </span>
              {option.description ? <span className="soft radio-description">{option.description}</span> : null}
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}

/** One of many, in a list that opens. */
export function SelectChoice<T extends string>({
  label,
  options,
  value,
  onChange,
  isDisabled,
  isLabelHidden,
  placeholder,
}: ChoiceProps<T>) {
  return (
    <Select
      className="select"
      value={value === '' ? null : value}
      {...(placeholder === undefined ? {} : { placeholder })}
      onChange={(key: Key | null) => key !== null && onChange(key as T)}
      isDisabled={isDisabled ?? false}
      {...(isLabelHidden ? { 'aria-label': label } : {})}
    >
      {isLabelHidden ? null : <Label>{label}</Label>}
      <Button className="select-button">
        <SelectValue className="truncate" />
        <ChevronDown size={16} aria-hidden />
      </Button>
      <Popover className="popover menu-popover" offset={4}>
        <ListBox className="menu" items={options}>
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.label} className="menu-item">
              {option.label}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
