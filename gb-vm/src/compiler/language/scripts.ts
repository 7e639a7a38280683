import type { Analysis, ScriptAnalysis } from './analysis.ts';
import { codePart, type DocumentationPart, textPart } from './documentation.ts';
import { scriptCalled } from './includes.ts';
import { say } from './words.ts';

/** How a script is called by its name, with the PARAMs it declares: `price(item, count)`. */
export interface ScriptForm {
  readonly name: string;
  readonly params: readonly string[];
  readonly description: string;
}

export function formOf({ name, script }: ScriptAnalysis): ScriptForm {
  const values = (keyword: string, key: string): string[] =>
    script.declarations.flatMap((one) => (one.keyword === keyword ? [String(one.values[key] ?? '')] : []));
  return {
    name: shortName(name),
    params: values('PARAM', 'name'),
    description: values('DESCRIPTION', 'text')[0] ?? '',
  };
}

export const shortName = (name: string): string => name.replace(/^.*[\\/]/, '').replace(/\.bas$/i, '');

export const shownForm = ({ name, params }: ScriptForm): string => `${name}(${params.join(', ')})`;

/** The script that a name is a call of, where nothing else is called so. */
export function scriptMeant(analysis: Analysis, name: string): ScriptAnalysis | null {
  return (
    scriptCalled(name, analysis.scripts) ??
    analysis.scripts.find((script) => shortName(script.name).toUpperCase() === name.toUpperCase()) ??
    null
  );
}

export function scriptParts(analysis: Analysis, script: ScriptAnalysis): DocumentationPart[] {
  const form = formOf(script);
  const what = textPart(`${script.name}: ${say(analysis.locale, 'script')}`);
  return [codePart(shownForm(form)), what, ...(form.description === '' ? [] : [textPart(form.description)])];
}
