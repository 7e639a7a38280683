import { botLine, findPerson, type PlainValue, type TurnScope } from 'gb-core';
import type { InTurnOperation } from '../operation.ts';
import { numberArg, textArg, wordOf, wrong } from '../people/values.ts';

const year = 366 * 86_400;
const wordCharsMax = 80;
const forms = ['table', 'list', 'csv', 'json'];
const languages: Readonly<Record<string, string>> = {
  english: 'en',
  inglês: 'en',
  ingles: 'en',
  portuguese: 'pt-BR',
  português: 'pt-BR',
  portugues: 'pt-BR',
  spanish: 'es',
  espanhol: 'es',
};

/**
 * How the conversation is held, kept in `state.talk`. Every turn reads `language`, and `output` and `maxColumns` for the
 * tables that TALK shows; FIND reads `wholeWord`. `translator` belongs to who translates.
 */
export const settingOperations: Readonly<Record<string, InTurnOperation>> = {
  async WAIT(args, scope) {
    const seconds = numberArg(
      args['seconds'],
      { en: 'the time to WAIT, in seconds,', pt: 'o tempo de WAIT, em segundos,' },
      0,
      year,
    );
    if (seconds > 0) scope.suspend({ atMs: scope.nowMs + Math.ceil(seconds * 1000) });
    return null;
  },

  async 'SET LANGUAGE'(args, scope) {
    const given = textArg(args['language'], { en: 'the language', pt: 'o idioma' }, wordCharsMax).toLowerCase();
    const language = languages[given] ?? given.replace('_', '-');
    if (!/^[a-z]{2,3}(?:-[a-z]{2,4})?$/i.test(language))
      throw wrong('a language is written like "en" or "pt-BR"', 'um idioma se escreve como "en" ou "pt-BR"');
    return keep(scope, 'language', language);
  },

  /** People choose for themselves how their chat looks: the owner of the bot is told so, once in a conversation. */
  async 'SET THEME'(args, scope) {
    const theme = textArg(args['theme'], { en: 'the theme', pt: 'o tema' }, wordCharsMax);
    if (scope.state.talk?.['theme'] === undefined) {
      const message = 'SET THEME changes nothing here: people choose how their chat looks.';
      const { botId, conversationId } = scope;
      await scope.tx.botLog.write(botId, botLine('info', 'no_effect', message, { conversationId }));
    }
    return keep(scope, 'theme', theme);
  },

  async 'SET OUTPUT'(args, scope) {
    const form = textArg(args['output'], { en: 'the form', pt: 'a forma' }, wordCharsMax).toLowerCase();
    if (!forms.includes(form))
      throw wrong(
        `tables are shown as ${forms.join(', ')}; for a picture of one, TALK rows AS IMAGE`,
        `tabelas são mostradas como ${forms.join(', ')}; para uma imagem de uma, TALK linhas AS IMAGE`,
      );
    return keep(scope, 'output', form);
  },

  'SET MAX COLUMNS': async (args, scope) =>
    keep(scope, 'maxColumns', Math.trunc(numberArg(args['count'], { en: 'the number', pt: 'o número' }, 0, 1_000))),
  'SET WHOLE WORD': async (args, scope) => keep(scope, 'wholeWord', switchOf(args['state'])),

  async 'SET HEAR ON'(args, scope) {
    const to = textArg(args['to'], { en: 'the person', pt: 'a pessoa' }, 300);
    const person = await findPerson(scope.tx, to);
    if (person.id !== scope.userId)
      throw wrong(
        'HEAR listens to the person who is there: ask somebody else with HUMAN APPROVAL, or with TALK TO and WAIT FOR EVENT',
        'HEAR ouve a pessoa que está na conversa: pergunte a outra com HUMAN APPROVAL, ou com TALK TO e WAIT FOR EVENT',
      );
    return null;
  },
};

function keep(scope: TurnScope, name: string, value: PlainValue): PlainValue {
  scope.state.talk = { ...scope.state.talk, [name]: value };
  return null;
}

/** ON or OFF, in the words people use for them. */
export function switchOf(value: PlainValue | undefined): boolean {
  const word = wordOf(value).trim().toLowerCase();
  if (['on', 'true', '1', 'yes', 'sim', 'ligado'].includes(word)) return true;
  if (['off', 'false', '0', 'no', 'não', 'nao', 'desligado', ''].includes(word)) return false;
  throw wrong('this is ON or OFF', 'isto é ON ou OFF');
}
