import { compile } from 'gb-vm/compiler';
import { expect, test } from 'vitest';
import { templates } from './templates.ts';

test.each(templates.flatMap((template) => (['en', 'pt-BR'] as const).map((locale) => [template.id, locale, template] as const)))(
  'the template %s compiles in %s',
  (_, locale, template) => {
    const { program, diagnostics } = compile([...template.files(locale)]);
    expect(diagnostics).toEqual([]);
    expect(program?.wasm.byteLength).toBeGreaterThan(0);
  },
);
