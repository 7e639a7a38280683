import type { Locale } from 'gb-protocol';
import { en } from './en.ts';
import { ptBr } from './pt-br.ts';

/** What we say to a model, in the person's language: a model answers best in the language it is spoken to in. */
export interface Prompts {
  /** Of a bot whose author said nothing about it. */
  readonly someBot: string;
  /** How text between fences is to be taken; `fence` is a word that such text cannot know. */
  fences(fence: string): string;
  readonly manner: string;
  readonly useTools: string;
  readonly onlyTools: string;
  readonly useDocuments: string;
  readonly onlyDocuments: string;
  readonly citeDocuments: string;
  readonly nothingFound: string;
  readonly sources: string;
  readonly contexts: string;
  readonly documents: string;
  readonly values: string;
  /** The forms in which people want their answers. */
  forms(wanted: readonly string[]): string;
  /** Said to a person who pressed a switch. */
  switched(label: string, isOn: boolean): string;
  readonly toolResult: string;
  readonly tooManyRounds: string;
  readonly rewrite: string;
  readonly summarize: string;
  translate(language: string): string;
  classify(categories: readonly string[]): string;
  readonly label: string;
  readonly sentiment: string;
  readonly see: string;
  readonly ocr: string;
  extract(table: string, columns: string): string;
  sql(tables: string): string;
  readonly sqlAnswer: string;
  chart(kind: string, columns: string): string;
}

export const promptsFor = (locale: Locale): Prompts => (locale === 'pt-BR' ? ptBr : en);
