import type { Locale, ScriptFile } from 'gb-protocol';
import type { StudioKey } from '../words/index.ts';

export interface TemplateFor {
  readonly locale: Locale;
  /** Of whoever makes the bot, without @. */
  readonly handle: string;
}

/** A small program that already does something, to be changed rather than written from nothing. */
export interface Template {
  readonly id: 'remember' | 'menu' | 'form' | 'table' | 'schedule' | 'api' | 'approval';
  readonly title: StudioKey;
  readonly text: StudioKey;
  files(of: TemplateFor): readonly ScriptFile[];
}

/** One script, in both languages. */
export const startOnly = (en: string, pt: string) => (of: TemplateFor) => [start(of.locale, en, pt)];

export function start(locale: Locale, en: string, pt: string): ScriptFile {
  return { name: 'start.bas', text: inLanguage(locale, en, pt) };
}

export const inLanguage = (locale: Locale, en: string, pt: string): string => (locale === 'pt-BR' ? pt : en);
