import type { OperationSet } from '../operation.ts';
import { messageOperations } from '../people/messages.ts';
import { transferOperations } from '../people/transfer.ts';
import { cardOperations } from './cards.ts';
import { settingOperations } from './settings.ts';
import { suggestionOperations } from './suggestions.ts';

export { formOf } from './forms.ts';

/** Talking to others than the one who is there, and how the talk looks. */
export function talkOperations(): OperationSet {
  return {
    inTurn: { ...messageOperations, ...transferOperations, ...suggestionOperations, ...settingOperations },
    outside: cardOperations,
  };
}
