import type { ConversationState, OutsideCall, PlainValue } from 'gb-core';
import { promptsFor } from './prompts/prompts.ts';

/** A switch of ADD SWITCHER: a button that turns a form of the answers on and off. */
export interface Switcher {
  /** What the author calls the form, as `tables`. */
  readonly name: string;
  /** What is written on the button. */
  readonly label: string;
  readonly isOn: boolean;
}

export function readSwitchers({ talk }: ConversationState): readonly Switcher[] {
  const kept = talk?.['switchers'];
  return (Array.isArray(kept) ? kept : []).flatMap((one) => {
    const { name, label, isOn } = (one ?? {}) as { readonly [name: string]: PlainValue };
    return typeof name === 'string' && typeof label === 'string' ? [{ name, label, isOn: isOn === true }] : [];
  });
}

/** Turns the switch whose button was pressed, and says so; null when it was none. */
export function turnSwitch(text: string, { state, locale }: Pick<OutsideCall, 'state' | 'locale'>): string | null {
  const switchers = readSwitchers(state);
  const pressed = switchers.find(({ label }) => label === text.trim());
  if (!pressed) return null;
  const isOn = !pressed.isOn;
  state.talk = { ...state.talk, switchers: switchers.map((one) => (one === pressed ? { ...one, isOn } : { ...one })) };
  return promptsFor(locale).switched(pressed.label, isOn);
}

/** The forms that are on, as the model is told of them. */
export function formsWanted(state: ConversationState): readonly string[] {
  return readSwitchers(state)
    .filter(({ isOn }) => isOn)
    .map(({ name, label }) => (name === label ? label : `${label} (${name})`));
}
