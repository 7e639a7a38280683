import Docxtemplater from 'docxtemplater';
import type { PlainValue } from 'gb-core';
import PizZip from 'pizzip';
import { OperationFailed } from '../../operation.ts';
import { unreadable } from '../refusals.ts';
import { repack, unpackOffice } from '../zip.ts';
import { lookUp, type Scope, written } from './scope.ts';

/** Fills the tags of a Word document, as `fillText` does with texts, and keeps everything it looks like. */
export function fillDocx(bytes: Uint8Array, name: string, data: PlainValue, locale: string): Uint8Array {
  try {
    const document = new Docxtemplater(new PizZip(repack(unpackOffice(bytes, name))), {
      paragraphLoop: true,
      linebreaks: true,
      errorLogging: false,
      nullGetter: () => '',
      // Names are looked up and never run: a template is no program.
      parser: (tag: string) => ({
        get: (scope: PlainValue, context: { scopeList?: Scope; meta?: { part?: { module?: string } } }) => {
          const value = lookUp(context.scopeList ?? [scope], tag.trim());
          return context.meta?.part?.module === 'loop' || (typeof value === 'object' && value !== null)
            ? value
            : written(value, locale);
        },
      }),
    });
    document.render(data);
    return new Uint8Array(document.getZip().generate({ type: 'uint8array', compression: 'DEFLATE' }));
  } catch (error) {
    if (error instanceof OperationFailed) throw error;
    throw tagMistake(error, name) ?? unreadable(name, error);
  }
}

/** What the author did wrong with the tags, of the ways that can be said in a sentence. */
function tagMistake(error: unknown, name: string): OperationFailed | null {
  const { properties } = error as { properties?: { id?: string; xtag?: string; errors?: readonly unknown[] } };
  const inner = properties?.errors?.[0];
  if (inner !== undefined) return tagMistake(inner, name);
  const id = properties?.id ?? '';
  if (!/unclosed|unopened|closing|duplicate|raw_tag/.test(id)) return null;
  const tag = String(properties?.xtag ?? '').slice(0, 40);
  return new OperationFailed({
    en: `the tag "${tag}" in ${name} is not opened and closed as it should be`,
    pt: `a marca "${tag}" em ${name} não abre e fecha como deveria`,
  });
}
