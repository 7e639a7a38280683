import type { OperationSet, OutsideOperation } from './operation.ts';

/**
 * What is in a file that somebody answered with: HEAR AS QRCODE wants the text of the code, HEAR AS AUDIO what was said.
 * Where people wrote instead, that is the answer.
 */
export function answerOperations(readers: { readonly code: OutsideOperation; readonly speech: OutsideOperation }): OperationSet {
  return {
    outside: {
      async 'READ ANSWER'({ type, value = null }, call) {
        if (value === null || typeof value !== 'object') return value;
        return type === 'AUDIO' ? readers.speech({ file: value }, call) : readers.code({ file: value }, call);
      },
    },
  };
}
