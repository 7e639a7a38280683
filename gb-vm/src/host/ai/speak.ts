import type { ChatAnswer, ChatMessage, ChatRequest, OutsideCall } from 'gb-core';
import { OperationFailed } from '../operation.ts';
import { toOperationFailed } from './model-failed.ts';
import type { ChosenModel } from './models.ts';

/** Asks the chosen model, under the bot's settings. Failures are sentences for the bot's author. */
export async function speak(
  { model, name }: ChosenModel,
  request: Omit<ChatRequest, 'model'>,
  call: OutsideCall,
  onText?: (text: string) => void,
): Promise<ChatAnswer> {
  const temperature = Number(call.settings['llm-temperature']);
  const isSet = call.settings['llm-temperature'] !== undefined && temperature >= 0 && temperature <= 2;
  try {
    const answer = await model.chat(
      { ...(isSet ? { temperature } : {}), ...request, ...(name ? { model: name } : {}) },
      { signal: call.signal, ...(onText ? { onText } : {}) },
    );
    if (answer.stop !== 'filtered') return answer;
  } catch (error) {
    throw toOperationFailed(error);
  }
  throw new OperationFailed({ en: 'the language model does not answer this', pt: 'o modelo de linguagem não responde a isso' });
}

/** One instruction about one text, answered with a text. */
export async function about(
  chosen: ChosenModel,
  instruction: string,
  text: string,
  call: OutsideCall,
  more: Partial<Pick<ChatRequest, 'temperature' | 'isJson' | 'answerTokensMax'>> = {},
): Promise<string> {
  const messages: ChatMessage[] = [
    { role: 'system', text: instruction },
    { role: 'user', text },
  ];
  return (await speak(chosen, { messages, ...more }, call)).text.trim();
}

const piecesCharsMin = 24;

/** Shows an answer while it grows, some letters at a time: each time all of it is sent again. */
export function streamInto(call: OutsideCall): (text: string) => void {
  let shown = 0;
  return (text) => {
    // A new round begins again from the start.
    if (text.length < shown) shown = 0;
    if (text.length - shown < piecesCharsMin) return;
    shown = text.length;
    call.stream(text);
  };
}
