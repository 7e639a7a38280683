import type { ChannelId } from 'gb-protocol';
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { useClient, useUsers } from '../app/client-context.tsx';
import { usePreferences } from '../app/preferences.ts';
import { Avatar } from '../design/avatar.tsx';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { type Suggestion, suggestionsFor, type Trigger, triggerAt } from './completion.ts';
import { continueLine, markFor, toggleMark } from './formatting.ts';

export interface TextInputProps {
  readonly channelId: ChannelId;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly onSubmit: () => void;
  /** Escape with nothing of its own open. Returns whether it did something. */
  readonly onEscape: () => boolean;
  readonly onArrowUpEmpty?: () => boolean;
  readonly label: string;
  readonly placeholder?: string;
  readonly inputRef: RefObject<HTMLTextAreaElement | null>;
}

/** A growing text field that completes people, channels, emoji and commands. Used to write and to edit. */
export function TextInput(props: TextInputProps) {
  const { channelId, value, onChange, inputRef } = props;
  const client = useClient();
  const users = useUsers();
  const t = useT();
  const { enterSends } = usePreferences();
  const id = useId();
  const [trigger, setTrigger] = useState<Trigger | null>(null);
  const [suggestions, setSuggestions] = useState<readonly Suggestion[]>([]);
  const [active, setActive] = useState(0);
  const dismissed = useRef<number | null>(null);
  const caretAfter = useRef<[number, number] | null>(null);
  const isOpen = trigger !== null && suggestions.length > 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: caret and height follow the text
  useLayoutEffect(() => {
    const element = inputRef.current;
    if (!element) return;
    if (caretAfter.current) {
      element.setSelectionRange(...caretAfter.current);
      caretAfter.current = null;
    }
    if (CSS.supports('field-sizing', 'content')) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [value, inputRef]);

  useEffect(() => {
    if (!trigger) {
      setSuggestions([]);
      return;
    }
    let isCurrent = true;
    suggestionsFor(trigger, { client, channelId, t }).then(
      (found) => {
        if (!isCurrent) return;
        setSuggestions(found);
        setActive(0);
      },
      // The emoji table did not load: completion is a help, not a need.
      () => isCurrent && setSuggestions([]),
    );
    return () => {
      isCurrent = false;
    };
  }, [trigger, client, channelId, t]);

  const look = useCallback(() => {
    const element = inputRef.current;
    if (!element || element.selectionStart !== element.selectionEnd) return setTrigger(null);
    const found = triggerAt(element.value, element.selectionStart);
    if (found?.from !== dismissed.current) dismissed.current = null;
    setTrigger((before) =>
      found && found.from === dismissed.current
        ? null
        : before && found && before.query === found.query && before.from === found.from
          ? before
          : found,
    );
  }, [inputRef]);

  const change = (text: string, start: number, end = start): void => {
    caretAfter.current = [start, end];
    onChange(text);
  };

  const take = (suggestion: Suggestion): void => {
    if (!trigger) return;
    const after = value.slice(trigger.to).replace(/^ /, '');
    change(value.slice(0, trigger.from) + suggestion.insert + after, trigger.from + suggestion.insert.length);
    setTrigger(null);
    inputRef.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.nativeEvent.isComposing) return;
    const element = event.currentTarget;
    const does = (): boolean => {
      if (isOpen) {
        switch (event.key) {
          case 'ArrowDown':
            setActive((active + 1) % suggestions.length);
            return true;
          case 'ArrowUp':
            setActive((active + suggestions.length - 1) % suggestions.length);
            return true;
          case 'Tab':
          case 'Enter':
            if (event.shiftKey || event.ctrlKey || event.metaKey) break;
            // A finished command is meant to be sent, not completed once more.
            if (trigger.mark === '/' && suggestions[active]!.id === trigger.query && event.key === 'Enter') break;
            take(suggestions[active]!);
            return true;
          case 'Escape':
            dismissed.current = trigger.from;
            setTrigger(null);
            return true;
        }
      }
      const hasModifier = event.ctrlKey || event.metaKey;
      if (event.key === 'Enter') {
        if (hasModifier || (enterSends ? !event.shiftKey && !event.altKey : false)) {
          props.onSubmit();
          return true;
        }
        const next = element.selectionStart === element.selectionEnd ? continueLine(value, element.selectionStart) : null;
        if (next) change(next.text, next.caret);
        return next !== null;
      }
      if (event.key === 'Escape') return props.onEscape();
      if (event.key === 'ArrowUp' && value === '' && !hasModifier && !event.altKey && !event.shiftKey)
        return props.onArrowUpEmpty?.() ?? false;
      const mark = hasModifier && !event.altKey && !event.shiftKey ? markFor(event.key) : null;
      if (mark) {
        const next = toggleMark({ text: value, start: element.selectionStart, end: element.selectionEnd }, mark);
        change(next.text, next.start, next.end);
      }
      return mark !== null;
    };
    if (does()) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  return (
    <div className="text-input">
      {isOpen ? (
        <div className="completion" id={`${id}-list`} role="listbox" aria-label={t('completion.label')}>
          {suggestions.map((suggestion, index) => {
            const user = suggestion.userId ? users.get(suggestion.userId as never) : undefined;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the field that controls this list
              <div
                key={suggestion.id}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === active}
                className="completion-row"
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => take(suggestion)}
              >
                {user ? <Avatar user={user} size={24} /> : null}
                <span className="completion-label">{withoutReordering(suggestion.label)}</span>
                <span className="soft truncate">{withoutReordering(suggestion.detail)}</span>
              </div>
            );
          })}
        </div>
      ) : null}
      <textarea
        ref={inputRef}
        rows={1}
        dir="auto"
        value={value}
        placeholder={props.placeholder}
        aria-label={props.label}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={isOpen ? `${id}-list` : undefined}
        aria-activedescendant={isOpen ? `${id}-${active}` : undefined}
        onChange={(event) => {
          onChange(event.target.value);
          look();
        }}
        onSelect={look}
        onBlur={() => setTrigger(null)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}
