import type { ConversationState, PlainValue } from 'gb-core';
import { expect, test } from 'vitest';
import { fileOperations } from '../../../runtime/operations/files.ts';
import { createMemoryDrive, type MemoryDrive } from '../../testing/memory-drive.ts';
import { outsideCall } from '../../testing/outside-call.ts';
import { channelOperations } from './channels.ts';

/** Every operation gets the state as it was stored, as after a turn. */
function conversation(drive: MemoryDrive = createMemoryDrive()) {
  let state: ConversationState = {};
  const stored = (): ConversationState => JSON.parse(JSON.stringify(state)) as ConversationState;
  return {
    drive,
    size: () => JSON.stringify(state).length,
    async run(name: string, args: Readonly<Record<string, PlainValue>>, isCutOff = false): Promise<PlainValue> {
      const call = outsideCall({ drive, state: stored() });
      const value = await channelOperations[name]!(args, call);
      if (!isCutOff) state = call.state;
      return value;
    },
  };
}

test('what WRITE # writes, INPUT # reads back, whatever is in it', async () => {
  const { run, drive } = conversation();
  const values = ['plain', 'with "quotes", and comma', 'two\nlines', '', '12', 12, -1.5, '  blanks '];
  await run('OPEN FILE', { file: 'a.txt', mode: 'output', channel: 1 });
  await run('WRITE FILE', { channel: 1, values: values.slice(0, 3) });
  await run('WRITE FILE', { channel: 1, values: values.slice(3) });
  await run('CLOSE FILE', { channel: 1 });
  await run('OPEN FILE', { file: 'a.txt', mode: 'INPUT', channel: 2 });
  const read: PlainValue[] = [];
  for (const _ of values) read.push(await run('READ VALUE', { channel: 2 }));
  expect(read).toEqual(values);
  await expect(run('READ VALUE', { channel: 2 })).rejects.toThrow('the file is at its end');
  expect(drive.text('a.txt').split('\n')[0]).toBe('"plain","with ""quotes"", and comma","two');
});

test('lines are read one after the other, of any length and with any line end', async () => {
  const lines = ['one', '', 'x'.repeat(5_000), 'two', ...Array.from({ length: 600 }, (_, at) => `line ${at}`)];
  for (const end of ['\n', '\r\n', '\r']) {
    const { run, size } = conversation(createMemoryDrive({ 'a.txt': lines.join(end) }));
    await run('OPEN FILE', { file: 'a.txt', mode: 'INPUT', channel: 1 });
    const read: PlainValue[] = [];
    for (const _ of lines) {
      read.push(await run('READ LINE', { channel: 1 }));
      expect(size()).toBeLessThan(8_000);
    }
    expect(read).toEqual(lines);
    await expect(run('READ LINE', { channel: 1 })).rejects.toThrow('the file is at its end');
  }
});

test('the same as in memory, for every way of reading a file', async () => {
  const text = 'a, b ,"c ""d""" , 1\n"open\n12,,x\n\n  spaced  ,-3e2\r\nlast';
  for (const name of ['READ VALUE', 'READ LINE']) {
    const there = conversation(createMemoryDrive({ 'a.txt': text }));
    const here = fileOperations(new Map([['a.txt', text]]), 'en');
    await there.run('OPEN FILE', { file: 'a.txt', mode: 'INPUT', channel: 1 });
    here['OPEN FILE']!({ file: 'a.txt', mode: 'INPUT', channel: 1 });
    for (let at = 0; at < 20; at++) {
      const expected = here[name]!({ channel: 1 });
      const actual = await there.run(name, { channel: 1 }).then(
        (value) => ({ value }),
        (error: Error) => ({ error: error.message }),
      );
      expect(actual).toEqual(expected);
    }
  }
});

test('a line that is written again after a crash is there once', async () => {
  const { run, drive } = conversation();
  await run('OPEN FILE', { file: 'a.txt', mode: 'OUTPUT', channel: 1 });
  await run('PRINT FILE', { channel: 1, values: ['one'] });
  await run('PRINT FILE', { channel: 1, values: ['two'] }, true);
  await run('PRINT FILE', { channel: 1, values: ['two'] });
  await run('PRINT FILE', { channel: 1, values: ['three ', 4] });
  expect(drive.text('a.txt')).toBe('one\ntwo\nthree 4\n');
});

test('APPEND adds to what is there, of two conversations too', async () => {
  const drive = createMemoryDrive({ 'log.txt': 'old\n' });
  const [one, two] = [conversation(drive), conversation(drive)];
  for (const { run } of [one, two]) await run('OPEN FILE', { file: 'log.txt', mode: 'APPEND', channel: 1 });
  await one.run('PRINT FILE', { channel: 1, values: ['one'] });
  await two.run('PRINT FILE', { channel: 1, values: ['two'] });
  await one.run('PRINT FILE', { channel: 1, values: ['one'] });
  expect(drive.text('log.txt')).toBe('old\none\ntwo\none\n');
});

test('what is wrong is said', async () => {
  const { run } = conversation();
  await expect(run('OPEN FILE', { file: 'none.txt', mode: 'INPUT', channel: 1 })).rejects.toThrow('there is no file none.txt');
  await expect(run('OPEN FILE', { file: 'a.txt', mode: 'RANDOM', channel: 1 })).rejects.toThrow('INPUT, OUTPUT or APPEND');
  await expect(run('OPEN FILE', { file: '../a.txt', mode: 'OUTPUT', channel: 1 })).rejects.toThrow('is not a path');
  for (const channel of [-1, 256, 1.5, 'x', null, true])
    await expect(run('OPEN FILE', { file: 'a.txt', mode: 'OUTPUT', channel })).rejects.toThrow('0 to 255');
  await expect(run('PRINT FILE', { channel: 1, values: ['x'] })).rejects.toThrow('is not open');
  await run('OPEN FILE', { file: 'a.txt', mode: 'OUTPUT', channel: 1 });
  await expect(run('READ LINE', { channel: 1 })).rejects.toThrow('not open for INPUT');
  for (let channel = 2; channel <= 15; channel++) await run('OPEN FILE', { file: `${channel}.txt`, mode: 'OUTPUT', channel });
  await expect(run('OPEN FILE', { file: 'b.txt', mode: 'OUTPUT', channel: 99 })).rejects.toMatchObject({ code: 'limit_reached' });
  await run('CLOSE FILE', {});
  await expect(run('PRINT FILE', { channel: 1, values: ['x'] })).rejects.toThrow('is not open');
});
