import type { ManifestTool } from 'gb-core';
import type { Form, Locale } from 'gb-protocol';
import { limits } from 'gb-protocol';

/** What a tool takes, as a form a person fills in: `TALK` of an object with it in `form` shows it. */
export function formOf(tool: ManifestTool, locale: Locale): Form {
  return {
    name: tool.name.slice(0, limits.formNameMax),
    title: (tool.description || tool.name).slice(0, limits.formLabelMax),
    fields: tool.fields.slice(0, limits.formFieldsMax),
    submitLabel: locale === 'pt-BR' ? 'Enviar' : 'Send',
  };
}
