import type { PlainValue } from 'gb-core';
import type { ChartInput } from './pictures/chart.ts';
import type { NamedBytes } from './pictures/effects.ts';
import type { TablePictureInput } from './pictures/table-picture.ts';
import type { Sheet } from './sheets/sheets.ts';

/** A file with what it is made to be; pictures are those of the drive that it names. */
export interface DocumentInput extends NamedBytes {
  readonly type: string;
  readonly format: string;
  readonly locale: string;
  readonly pictures: Readonly<Record<string, Uint8Array>>;
}

export interface TemplateInput extends DocumentInput {
  readonly data: PlainValue;
}

/**
 * Everything that takes time, done in a process of its own. Inputs and results are plain data and bytes. What a job needs
 * is loaded when it is first done: a server whose bots draw nothing never loads it.
 */
export const jobs = {
  chart: async (input: ChartInput) => (await import('./pictures/chart.ts')).drawChart(input),
  valuePicture: async (input: TablePictureInput) => (await import('./pictures/table-picture.ts')).drawValue(input),
  qr: async (input: { readonly text: string }) => (await import('./pictures/qr.ts')).qrPicture(input),
  scan: async (input: NamedBytes) => (await import('./pictures/barcode.ts')).scanCodes(input),
  blur: async (input: NamedBytes) => (await import('./pictures/effects.ts')).blur(input),
  sharpen: async (input: NamedBytes) => (await import('./pictures/effects.ts')).sharpen(input),
  mergePictures: async (input: { readonly pictures: readonly NamedBytes[] }) =>
    (await import('./pictures/effects.ts')).mergePictures(input),
  convertPicture: async (input: NamedBytes & { readonly format: string }) =>
    (await import('./pictures/effects.ts')).convertPicture(input),
  convert: async (input: DocumentInput) => (await import('./convert.ts')).convertDocument(input),
  fill: async (input: TemplateInput) => (await import('./convert.ts')).fillTemplate(input),
  valuePdf: async (input: { readonly value: PlainValue; readonly locale: string }) =>
    (await import('./convert.ts')).valueToPdf(input),
  mergePdfs: async (input: { readonly files: readonly NamedBytes[] }) => (await import('./pdf-merge.ts')).mergePdfs(input),
  text: async (input: NamedBytes & { readonly type: string }) =>
    (await import('./text-of.ts')).textOf(input.bytes, input.name, input.type),
  readSheets: async (input: NamedBytes) => (await import('./sheets/sheets.ts')).readSheets(input.bytes, input.name),
  writeSheet: async (input: { readonly sheets: readonly Sheet[]; readonly format: 'csv' | 'xlsx' }) =>
    (await import('./sheets/sheets.ts')).writeSheet(input.sheets, input.format),
  readCell: async (input: NamedBytes & { readonly address: string }) =>
    (await import('./sheets/sheets.ts')).readCell(input.bytes, input.name, input.address),
  writeCell: async (input: {
    readonly name: string;
    readonly bytes: Uint8Array | null;
    readonly address: string;
    readonly value: PlainValue;
  }) => (await import('./sheets/sheets.ts')).writeCell(input.bytes, input.name, input.address, input.value),
  mail: async (input: { readonly bytes: Uint8Array }) => (await import('../mail/read-mail.ts')).readMail(input.bytes),
  pack: async (input: { readonly files: readonly NamedBytes[] }) =>
    (await import('./zip.ts')).pack(new Map(input.files.map(({ name, bytes }) => [name, bytes]))),
  unpack: async (input: NamedBytes) =>
    [...(await import('./zip.ts')).unpack(input.bytes, input.name)].map(([name, bytes]): NamedBytes => ({ name, bytes })),
} as const;

export type JobName = keyof typeof jobs;
export type JobInput<Name extends JobName> = Parameters<(typeof jobs)[Name]>[0];
export type JobResult<Name extends JobName> = Awaited<ReturnType<(typeof jobs)[Name]>>;
