import { expect, test } from 'vitest';
import { readSettingsFile, settingsOf, variablesOf, writeSettingsFile } from './settings-file.ts';

test('rows and remarks come back as they were, however they were separated', () => {
  const rows = [
    { remark: '# who is there' },
    { name: 'bot-name', value: 'Front desk' },
    { name: 'welcome-message', value: 'Hi, you "there"\nand here' },
  ];
  expect(readSettingsFile(writeSettingsFile(rows))).toEqual(rows);
  expect(readSettingsFile('name;value\r\nTime Zone;America/Recife\r\n;;\r\n')).toEqual([
    { name: 'Time Zone', value: 'America/Recife' },
  ]);
});

test('a comma without quotes belongs to the value, and empty columns at the end to nobody', () => {
  expect(readSettingsFile('hello,Hi, how are you?\nbye,Bye,,\n')).toEqual([
    { name: 'hello', value: 'Hi, how are you?' },
    { name: 'bye', value: 'Bye' },
  ]);
});

test('a row without a name is left out, and an empty file has its head', () => {
  expect(writeSettingsFile([{ name: ' ', value: 'lost' }])).toBe('name,value\n');
  expect(readSettingsFile('')).toEqual([]);
});

test('both styles of names mean the same, and what comes later wins', () => {
  expect(settingsOf('Time Zone,UTC\ntime-zone,America/Recife\nparam-My Boss,@ana')).toEqual({
    'time-zone': 'America/Recife',
    'param-myboss': '@ana',
  });
});

test('settings that are variables are numbers and truths where they are plainly so', () => {
  expect(variablesOf({ 'param-limit': '12.5', 'param-open': 'TRUE', 'param-code': '007', 'time-zone': 'UTC' })).toEqual({
    limit: 12.5,
    open: true,
    code: '007',
  });
});
