import type { OutsideCall, PlainValue } from 'gb-core';
import { type Args, OperationFailed, type OutsideOperation } from '../../operation.ts';
import { decodeText, encodeText } from '../formats.ts';
import { documentLimits } from '../limits.ts';
import { noSuchFile, tooMuch } from '../refusals.ts';
import { isRow, listOf, pathOf, textOfValue } from '../values.ts';

/**
 * OPEN, PRINT #, WRITE #, INPUT #, LINE INPUT # and CLOSE, as old programs read and write files.
 *
 * What is open is kept with the conversation as plain data: of a file that is read, how far, with a little of what comes
 * next; of one that is written, how long it was after the last line. A file opened for OUTPUT belongs to its channel, so a
 * line that is written again after a crash goes to the same place and is there once. A file opened for APPEND may be
 * shared: a line goes to its end, and after a crash it may be there twice.
 */
type Channel = ReadChannel | WriteChannel;

interface ReadChannel {
  readonly mode: 'INPUT';
  readonly path: string;
  /** Where in the text `ahead` begins. */
  readonly at: number;
  readonly ahead: string;
  readonly isWhole: boolean;
}

interface WriteChannel {
  readonly mode: 'OUTPUT' | 'APPEND';
  readonly path: string;
  /** Bytes after the last line of this channel; only for OUTPUT. */
  readonly size: number;
}

/** Characters read ahead: with it a file of many lines is fetched once for many of them. */
const aheadMax = 2_000;

export const channelOperations: Readonly<Record<string, OutsideOperation>> = {
  'OPEN FILE': async (args, call) => {
    const mode = textOfValue(args['mode']).trim().toUpperCase();
    const number = numberOfChannel(args['channel']);
    const path = pathOf(args['file']);
    if (mode !== 'INPUT' && mode !== 'OUTPUT' && mode !== 'APPEND')
      throw new OperationFailed({
        en: 'a file opens for INPUT, OUTPUT or APPEND',
        pt: 'um arquivo abre para INPUT, OUTPUT ou APPEND',
      });
    const channels = openChannels(call);
    if (!channels.has(number) && channels.size >= documentLimits.openChannelsMax)
      throw tooMuch(
        `at most ${documentLimits.openChannelsMax} files are open`,
        `no máximo ${documentLimits.openChannelsMax} arquivos ficam abertos`,
      );
    const found = mode === 'OUTPUT' ? null : await call.drive.read(path);
    if (mode === 'INPUT') {
      if (!found) throw noSuchFile(path);
      channels.set(number, ahead({ mode, path, at: 0, ahead: '', isWhole: false }, decodeText(found.bytes, path)));
    } else {
      if (!found) await call.drive.write(path, new Uint8Array(), 'text/plain');
      channels.set(number, { mode, path, size: 0 });
    }
    keepChannels(call, channels);
    return null;
  },
  'PRINT FILE': (args, call) => append(args, call, `${listOf(args['values']).map(textOfValue).join('')}\n`),
  'WRITE FILE': (args, call) => append(args, call, `${listOf(args['values']).map(quoted).join(',')}\n`),
  'READ LINE': async (args, call) => {
    return take(args, call, (text, isWhole) => {
      const found = /^([^\r\n]*)(?:\r\n|\n|\r(?!$)|\r$|$)/.exec(text)!;
      // A line end in two parts may have its second still to come.
      return !isWhole && (found[0].length === text.length || found[0].endsWith('\r'))
        ? null
        : { value: found[1]!, length: found[0].length };
    });
  },
  'READ VALUE': async (args, call) => {
    return take(args, call, (text, isWhole) => {
      const found = readOne(text);
      return !isWhole && found.length >= text.length - 1 ? null : found;
    });
  },
  'CLOSE FILE': async (args, call) => {
    const channels = openChannels(call);
    if (args['channel'] === undefined || args['channel'] === null) channels.clear();
    else channels.delete(numberOfChannel(args['channel']));
    keepChannels(call, channels);
    return null;
  },
};

async function append(args: Args, call: OutsideCall, line: string): Promise<PlainValue> {
  const channels = openChannels(call);
  const number = numberOfChannel(args['channel']);
  const channel = channels.get(number);
  if (!channel) throw notOpen();
  if (channel.mode === 'INPUT')
    throw new OperationFailed({ en: 'the file is open for INPUT', pt: 'o arquivo está aberto para INPUT' });
  const former = (await call.drive.read(channel.path))?.bytes ?? new Uint8Array();
  const kept = channel.mode === 'OUTPUT' ? former.subarray(0, channel.size) : former;
  const added = encodeText(line);
  const whole = new Uint8Array(kept.length + added.length);
  if (whole.length > documentLimits.bytesMax) throw tooMuch('the file is too large', 'o arquivo é grande demais');
  whole.set(kept);
  whole.set(added, kept.length);
  await call.drive.write(channel.path, whole, 'text/plain');
  channels.set(number, { ...channel, size: channel.mode === 'OUTPUT' ? whole.length : 0 });
  keepChannels(call, channels);
  return null;
}

/** WRITE puts texts in quotes, whatever is in them, so that INPUT reads back what was written. */
function quoted(value: PlainValue): string {
  return typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : textOfValue(value);
}

interface Piece {
  readonly value: PlainValue;
  /** Characters it takes, with what ends it. */
  readonly length: number;
}

/** Takes the next piece of what is ahead; where it does not end there, more of the file is read. */
async function take(args: Args, call: OutsideCall, piece: (text: string, isWhole: boolean) => Piece | null): Promise<PlainValue> {
  const channels = openChannels(call);
  const number = numberOfChannel(args['channel']);
  const channel = channels.get(number);
  if (!channel) throw notOpen();
  if (channel.mode !== 'INPUT')
    throw new OperationFailed({ en: 'the file is not open for INPUT', pt: 'o arquivo não está aberto para INPUT' });
  let found = channel.ahead === '' ? null : piece(channel.ahead, channel.isWhole);
  let left: ReadChannel = channel;
  if (found) left = { ...channel, at: channel.at + found.length, ahead: channel.ahead.slice(found.length) };
  else {
    const file = channel.isWhole ? null : await call.drive.read(channel.path);
    const text = file ? decodeText(file.bytes, channel.path) : '';
    const rest = text.slice(channel.at);
    if (rest === '') throw new OperationFailed({ en: 'the file is at its end', pt: 'o arquivo chegou ao fim' });
    found = piece(rest, true)!;
    left = ahead({ ...channel, at: channel.at + found.length }, text);
  }
  channels.set(number, left);
  keepChannels(call, channels);
  return found.value;
}

function ahead(channel: ReadChannel, text: string): ReadChannel {
  return { ...channel, ahead: text.slice(channel.at, channel.at + aheadMax), isWhole: channel.at + aheadMax >= text.length };
}

/** A value in quotes, in which a doubled quote is one, or what stands before a comma or the end of the line. */
function readOne(text: string): Piece {
  const inQuotes = /^[ \t]*"([^"]*(?:""[^"]*)*)(?:"|$)[ \t]*(?:,|\r\n?|\n|$)?/.exec(text);
  if (inQuotes) return { value: inQuotes[1]!.replaceAll('""', '"'), length: inQuotes[0].length };
  const found = /^[ \t]*([^,\r\n]*)(?:,|\r\n?|\n|$)/.exec(text)!;
  const value = found[1]!.trim();
  return { value: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value) ? Number(value) : value, length: found[0].length };
}

function notOpen(): OperationFailed {
  return new OperationFailed({ en: 'the file is not open', pt: 'o arquivo não está aberto' });
}

function numberOfChannel(value: PlainValue | undefined): number {
  const number = typeof value === 'boolean' || value === null || value === '' ? Number.NaN : Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= 255) return number;
  throw new OperationFailed({ en: 'a channel is a number from 0 to 255', pt: 'um canal é um número de 0 a 255' });
}

function openChannels(call: OutsideCall): Map<number, Channel> {
  const kept = call.state.files?.['channels'];
  return new Map(
    isRow(kept) ? Object.entries(kept).map(([number, channel]) => [Number(number), channel as unknown as Channel]) : [],
  );
}

function keepChannels(call: OutsideCall, channels: ReadonlyMap<number, Channel>): void {
  const kept = Object.fromEntries(
    [...channels].map(([number, channel]): [string, PlainValue] => [String(number), { ...channel }]),
  );
  call.state.files = { ...call.state.files, channels: kept };
}
