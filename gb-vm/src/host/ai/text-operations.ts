import type { OutsideCall } from 'gb-core';
import { type Args, OperationFailed, type OutsideOperation } from '../operation.ts';
import { boundedText, textOf, textsOf } from './arguments.ts';
import { fenceOf } from './fence.ts';
import type { ChooseModel } from './models.ts';
import { type Prompts, promptsFor } from './prompts/prompts.ts';
import { about } from './speak.ts';

const textCharsMax = 40_000;
/** A longer text is summarized in parts, and then the summaries. */
const partCharsMax = 24_000;
const longTextCharsMax = 240_000;
const categoriesMax = 50;

/** Words for the languages people name by a code, so that the model is told in the language it is spoken to in. */
const languageNames = new Map<string, Intl.DisplayNames>();

/** REWRITE, TRANSLATE, SUMMARIZE, CLASSIFY, SENTIMENT: one question about one text, at no temperature. */
export function textOperations(choose: ChooseModel): Readonly<Record<string, OutsideOperation>> {
  const ask = (instruction: (prompts: Prompts) => string, text: string, call: OutsideCall): Promise<string> => {
    const prompts = promptsFor(call.locale);
    const fence = fenceOf(call.key);
    return about(choose(call), `${instruction(prompts)}\n\n${prompts.fences(fence.word)}`, fence.around(text), call, {
      temperature: 0,
    });
  };

  const summarize = async (text: string, call: OutsideCall): Promise<string> => {
    if (text.length <= partCharsMax) return ask((prompts) => prompts.summarize, text, call);
    const parts: string[] = [];
    for (let from = 0; from < text.length; from += partCharsMax)
      parts.push(await ask((prompts) => prompts.summarize, text.slice(from, from + partCharsMax), call));
    return ask((prompts) => prompts.summarize, parts.join('\n\n').slice(0, partCharsMax), call);
  };

  const translate = (text: string, language: string, call: OutsideCall): Promise<string> =>
    unlessEmpty(text, (given) => ask((p) => p.translate(languageName(language, call)), given, call));

  return {
    /** Of a script with SET TRANSLATOR. Files and data are as they are; what needs no translation asks no model. */
    async 'TRANSLATE TALK'({ value = null, isHeard }, call) {
      if (call.state.talk?.['translator'] !== true || typeof value !== 'string') return value;
      const own = call.settings['default-content-language'];
      const theirs = textOf(call.state.talk['language']) || call.locale;
      const language = isHeard === true ? own : theirs;
      const isSame = own !== undefined && own.slice(0, 2).toLowerCase() === theirs.slice(0, 2).toLowerCase();
      if (language === undefined || isSame) return value;
      return translate(boundedText({ value }, 'value', textCharsMax), language, call);
    },

    REWRITE: async (args, call) =>
      unlessEmpty(boundedText(args, 'text', textCharsMax), (text) => ask((p) => p.rewrite, text, call)),

    TRANSLATE: (args, call) => translate(boundedText(args, 'text', textCharsMax), textOf(args['language']), call),

    SUMMARIZE: async (args, call) => unlessEmpty(boundedText(args, 'text', longTextCharsMax), (text) => summarize(text, call)),

    async CLASSIFY(args, call) {
      const text = boundedText(args, 'text', textCharsMax);
      const categories = categoriesOf(args);
      if (categories.length === 0) return (await ask((p) => p.label, text, call)).slice(0, 100);
      const said = await ask((p) => p.classify(categories), text, call);
      return chosenFrom(categories, said);
    },

    async SENTIMENT(args, call) {
      const said = await ask((p) => p.sentiment, boundedText(args, 'text', textCharsMax), call);
      return ['positive', 'negative', 'neutral'].find((word) => said.toLowerCase().includes(word)) ?? 'neutral';
    },
  };
}

const unlessEmpty = async (text: string, work: (text: string) => Promise<string>): Promise<string> =>
  text.trim() === '' ? text : work(text);

function categoriesOf(args: Args): readonly string[] {
  const categories = textsOf(args['categories']).map((category) => category.replace(/\s+/g, ' ').slice(0, 200));
  if (categories.length > categoriesMax)
    throw new OperationFailed(
      { en: `there may be at most ${categoriesMax} categories`, pt: `pode haver no máximo ${categoriesMax} categorias` },
      'limit_reached',
    );
  return categories;
}

/** By its number or, since not every model keeps to that, by its name; null when it is none of them. */
function chosenFrom(categories: readonly string[], said: string): string | null {
  const number = /^\D{0,3}(\d{1,2})\b/.exec(said);
  if (number) return categories[Number(number[1]) - 1] ?? null;
  const plain = (text: string): string => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
  const exact = categories.find(
    (category) =>
      plain(category) ===
      plain(said)
        .replace(/[^\p{L}\p{N} ]/gu, '')
        .trim(),
  );
  if (exact !== undefined) return exact;
  const named = categories.filter((category) => plain(said).includes(plain(category)));
  return named.length === 1 ? named[0]! : null;
}

/** `pt`, `pt-BR`, `Portuguese`: whatever was said, as a name; the person's own language when nothing was. */
function languageName(said: string, call: OutsideCall): string {
  const wanted = said.trim() || call.locale;
  if (!/^[a-z]{2,3}([-_][a-z0-9]{2,8})*$/i.test(wanted)) return wanted.replace(/\s+/g, ' ').slice(0, 60);
  const names = languageNames.get(call.locale) ?? new Intl.DisplayNames([call.locale], { type: 'language' });
  languageNames.set(call.locale, names);
  try {
    return names.of(wanted.replaceAll('_', '-')) ?? wanted;
  } catch {
    return wanted; // Looks like a code and is none: the model may know it.
  }
}
