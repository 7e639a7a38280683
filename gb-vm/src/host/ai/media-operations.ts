import type { BotReply, FileValue, ModelFile, OutsideCall, PlainValue } from 'gb-core';
import { OperationFailed, type OutsideOperation } from '../operation.ts';
import { boundedText, filePlain, readFile } from './arguments.ts';
import { fenceOf } from './fence.ts';
import { toOperationFailed } from './model-failed.ts';
import type { ChooseModel } from './models.ts';
import { type Prompts, promptsFor } from './prompts/prompts.ts';
import { speak } from './speak.ts';

export interface MediaOptions {
  readonly choose: ChooseModel;
  /** Says something in the conversation of the call, once for a key. */
  readonly sayHere: (reply: BotReply, call: OutsideCall) => Promise<void>;
}

const promptCharsMax = 4_000;
export const pictureBytesMax = 10_485_760;
export const pictureTypes: readonly string[] = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];

/** Pictures, films and voices: made of words, or made into words. */
export function mediaOperations({ choose, sayHere }: MediaOptions): Readonly<Record<string, OutsideOperation>> {
  const make = async (
    call: OutsideCall,
    name: string,
    work: (chosen: ReturnType<ChooseModel>) => Promise<ModelFile>,
  ): Promise<PlainValue> => {
    const made = await work(choose(call)).catch((error: unknown) => {
      throw toOperationFailed(error);
    });
    return filePlain(await call.drive.make(`${name}.${extensionOf(made.type)}`, made.bytes, made.type));
  };

  const look = async (instruction: (prompts: Prompts) => string, file: PlainValue | undefined, call: OutsideCall) => {
    const picture = await readFile(file, call);
    checkPicture(picture);
    const prompts = promptsFor(call.locale);
    const messages = [
      // What is written in a picture is somebody's text too.
      { role: 'system', text: prompts.fences(fenceOf(call.key).word) },
      {
        role: 'user',
        text: instruction(prompts),
        images: [{ bytes: picture.bytes, type: picture.value.type }],
      },
    ] as const;
    return (await speak(choose(call), { messages }, call)).text.trim();
  };

  return {
    IMAGE: (args, call) =>
      make(call, 'image', ({ model }) => model.makeImage(wordsIn(boundedText(args, 'prompt', promptCharsMax)), call)),
    VIDEO: (args, call) =>
      make(call, 'video', ({ model }) => model.makeVideo(wordsIn(boundedText(args, 'prompt', promptCharsMax)), call)),
    AUDIO: (args, call) =>
      make(call, 'audio', ({ model }) => model.speak(wordsIn(boundedText(args, 'text', promptCharsMax)), call)),

    SEE: (args, call) => look((prompts) => prompts.see, args['file'], call),
    OCR: (args, call) => look((prompts) => prompts.ocr, args['file'], call),

    async 'SPEECH TO TEXT'(args, call) {
      const { value, bytes } = await readFile(args['file'], call);
      if (!/^(audio|video)\//.test(value.type))
        throw new OperationFailed({ en: `${value.name} is no recording`, pt: `${value.name} não é uma gravação` });
      const { model } = choose(call);
      const language = call.locale.slice(0, 2);
      try {
        return (await model.transcribe({ bytes, type: value.type, name: value.name }, { signal: call.signal, language })).trim();
      } catch (error) {
        throw toOperationFailed(error);
      }
    },

    async PLAY(args, call) {
      const { value } = await readFile(args['file'], call);
      if (!/^(audio|video)\//.test(value.type))
        throw new OperationFailed({ en: `${value.name} cannot be played`, pt: `${value.name} não pode ser tocado` });
      await sayHere({ text: '', files: [value.file] }, call);
      return filePlain(value);
    },
  };
}

function wordsIn(text: string): string {
  if (text.trim() === '')
    throw new OperationFailed({ en: 'there are no words to make it of', pt: 'não há palavras para fazê-lo' });
  return text;
}

function checkPicture({ value, bytes }: { value: FileValue; bytes: Uint8Array }): void {
  if (value.type.startsWith('video/'))
    throw new OperationFailed({ en: 'only pictures can be looked at, no films', pt: 'só imagens podem ser vistas, não filmes' });
  if (!pictureTypes.includes(value.type))
    throw new OperationFailed({ en: `${value.name} is no picture`, pt: `${value.name} não é uma imagem` });
  if (bytes.length > pictureBytesMax)
    throw new OperationFailed(
      { en: `${value.name} is larger than 10 MB`, pt: `${value.name} tem mais de 10 MB` },
      'limit_reached',
    );
}

function extensionOf(type: string): string {
  const known: Readonly<Record<string, string>> = {
    'image/jpeg': 'jpg',
    'audio/mpeg': 'mp3',
    'audio/x-wav': 'wav',
    'video/quicktime': 'mov',
  };
  return known[type] ?? type.replace(/^\w+\//, '').replace(/[^a-z0-9]/g, '');
}
