import type { ScriptFile } from 'gb-protocol';
import { compile } from 'gb-vm/compiler';
import { describe, expect, test } from 'vitest';
import type { State } from '../debug/protocol.ts';
import { DebugSession } from '../debug/session.ts';
import { settingsOf, variablesOf } from '../settings-file.ts';
import { templates } from './index.ts';

const each = templates.flatMap((template) =>
  (['en', 'pt-BR'] as const).map((locale) => [template.id, locale, template] as const),
);
const scriptsOf = (files: readonly ScriptFile[]) => files.filter(({ name }) => name.endsWith('.bas'));

test.each(each)('every script of the template %s compiles in %s, without a doubt', (_, locale, template) => {
  const scripts = scriptsOf(template.files({ locale, handle: 'ana' }));
  for (const { name } of scripts) {
    const { program, diagnostics } = compile(scripts, { entry: name, locale });
    expect(diagnostics).toEqual([]);
    expect(program?.wasm.byteLength).toBeGreaterThan(0);
  }
});

/** Says the answers one after the other; for what is asked of the world `results` come, in order. */
async function play(id: string, answers: readonly string[], results: readonly unknown[] = [], entry = 'start.bas') {
  const files = templates.find((one) => one.id === id)!.files({ locale: 'en', handle: 'ana' });
  const settings = settingsOf(files.find(({ name }) => name === 'config.csv')?.text ?? '');
  let state: State | null = null;
  const session = new DebugSession(
    (next) => {
      state = next;
    },
    async () => {},
  );
  const source = { kind: 'draft', files, entry, settings, variables: { username: 'Ana', ...variablesOf(settings) } } as const;
  await session.do({ kind: 'start', source, locale: 'en', stopsAtEntry: false });
  const given = [...results];
  const left = [...answers];
  const now = () => state as unknown as State;
  for (;;) {
    if (now().phase === 'asking' && given.length > 0) await session.do({ kind: 'result', value: given.shift() as string });
    else if (now().phase === 'waiting' && left.length > 0) await session.do({ kind: 'answer', text: left.shift()! });
    else break;
  }
  const said = now().lines.flatMap((line) => (line.from === 'bot' ? line.reply.text.split('\n') : []));
  return { said, state: now() };
}

describe('what the templates do', () => {
  test('the table keeps what was said and reads it back', async () => {
    const { said, state } = await play('table', ['Add an idea', 'Plant a tree', 'Ideas of today', 'That is all']);
    expect(said).toContain('- Plant a tree (Ana)');
    expect(state).toMatchObject({ phase: 'ended', message: null });
  });

  test('the schedule says in words when it runs, and writes to the channel', async () => {
    const { state } = await play('schedule', [], [], 'daily.bas');
    expect(state).toMatchObject({ phase: 'asking', request: { name: 'TALK TO', args: { to: '#general' } } });
    expect(String(state.request?.args['text'])).toMatch(/^Good morning! .*\?$/);
  });

  test('the API is asked for the place and then for its weather, and a failure is told', async () => {
    const places = { results: [{ name: 'Recife', country: 'Brazil', latitude: -8.05, longitude: -34.9 }] };
    const weather = { current: { temperature_2m: 29.5, wind_speed_10m: 12 } };
    const { said } = await play('api', ['Recife'], [places, weather]);
    expect(said.at(-1)).toBe('In **Recife**, Brazil, it is 29.5 °C, with 12 km/h of wind.');
    expect((await play('api', ['Nowhere'], [{}])).said.at(-1)).toBe('I do not know a city called Nowhere.');
  });

  test('two people approve in turn, and one refusal is enough', async () => {
    const yes = await play('approval', ['a chair', '120'], [true, true]);
    expect(yes.said.at(-1)).toBe('Both have agreed. You can buy a chair.');
    const no = await play('approval', ['a chair', '120'], [false]);
    expect(no.said.at(-1)).toBe('@ana did not agree.');
    expect(no.state.phase).toBe('ended');
    const late = await play('approval', ['a chair', '120'], [true, null]);
    expect(late.said.at(-1)).toBe('@ana did not answer within two days. Please ask again.');
  });

  test('the menu comes back until it is enough, and the form confirms', async () => {
    const menu = await play('menu', ['Opening hours', 'That is all']);
    expect(menu.said.at(-1)).toBe('Have a good day!');
    const form = await play('form', ['Ana', '2030-05-04', '3', '+55 11 99999-0000', 'Yes']);
    expect(form.said.at(-1)).toBe('Booked. See you on 04/05/2030, Ana!');
  });
});
