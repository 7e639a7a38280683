import { expect, onTestFinished, test } from 'vitest';
import { zipPackage } from '../package/index.ts';
import { createProgramCompiler, type ProgramCompilerOptions } from './index.ts';

const options = { locale: 'en', nowMs: Date.UTC(2026, 6, 15), timeZone: 'UTC' } as const;

function compiler(given: ProgramCompilerOptions = {}) {
  const made = createProgramCompiler(given);
  onTestFinished(() => made.close());
  return made;
}

test('a package that came as a zip file is opened and published away from this thread', async () => {
  const { openPackage, publish } = compiler();
  const zip = zipPackage([
    { path: 'shop.gbai/shop.gbdialog/start.bas', text: 'SET SCHEDULE "daily"\nTALK 1' },
    { path: 'shop.gbai/shop.gbdialog/tool.bas', text: 'DESCRIPTION "Does it."\nRETURN 1' },
    { path: 'shop.gbai/shop.gbot/config.csv', text: 'Bot Name,Shop\nparam-limit,5' },
    { path: 'shop.gbai/shop.gbkb/a.bin', bytes: Uint8Array.of(0, 255) },
  ]);
  const pack = await openPackage(zip, 'en');
  expect(pack).toMatchObject({ problems: [], files: [{ folder: 'kb', path: 'a.bin', bytes: Uint8Array.of(0, 255) }] });
  const { manifest, programs, diagnostics } = await publish(pack.scripts, pack.settings, options);
  expect(diagnostics).toEqual([]);
  expect(manifest).toMatchObject({
    start: 'start.bas',
    tools: [{ name: 'tool' }],
    schedules: [{ script: 'start.bas', rule: { kind: 'cron', cron: '0 0 * * *' } }],
    variables: { limit: 5 },
  });
  expect(programs.map(({ hash }) => hash).sort()).toEqual(Object.values(manifest!.entries).sort());
});

test('the kinds of work come back to whoever asked for them, in whatever order they were asked', async () => {
  const { compile, publish, openPackage } = compiler();
  const files = [{ name: 'start.bas', text: 'TALK 1' }];
  const [compiled, published, opened, broken] = await Promise.all([
    compile(files, 'en'),
    publish(files, {}, options),
    openPackage(Uint8Array.of(1, 2, 3), 'pt-BR'),
    publish([{ name: 'start.bas', text: 'FOR i = 1 TO 2' }], {}, { ...options, locale: 'pt-BR' }),
  ]);
  expect(published.manifest!.entries).toEqual({ 'start.bas': compiled.program!.hash });
  expect(opened.problems).toMatchObject([{ code: 'zip_damaged', message: expect.stringContaining('danificado') }]);
  expect(broken).toMatchObject({ manifest: null, programs: [], diagnostics: [{ code: 'missing_next', file: 'start.bas' }] });
});

test('what takes too long is given up, and the next one is not', async () => {
  const { publish, compile } = compiler({ publishMsMax: 1 });
  const many = Array.from({ length: 64 }, (_, index) => ({
    name: index === 0 ? 'start.bas' : `s${index}.bas`,
    text: 'x = x + 1 * 2\n'.repeat(2000),
  }));
  await expect(publish(many, {}, options)).rejects.toMatchObject({ code: 'too_large' });
  expect((await compile([{ name: 'start.bas', text: 'TALK 1' }], 'en')).program).not.toBeNull();
});

test('when too many wait the next is refused, and closing refuses all', async () => {
  const { publish, close } = compiler({ queueMax: 1 });
  const files = [{ name: 'start.bas', text: 'TALK 1' }];
  const all = Promise.allSettled([publish(files, {}, options), publish(files, {}, options), publish(files, {}, options)]);
  await close();
  expect((await all).map((one) => one.status === 'rejected' && [one.reason.code, one.reason.retryAfterMs])).toEqual([
    ['unavailable', undefined],
    ['unavailable', undefined],
    ['overloaded', 2_000],
  ]);
  await expect(publish(files, {}, options)).rejects.toMatchObject({ code: 'unavailable' });
});
