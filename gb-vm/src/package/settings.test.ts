import { expect, test } from 'vitest';
import { Problems } from './problem.ts';
import { readSettings, settingName } from './settings.ts';

function read(text: string): { settings: Record<string, string>; codes: string[] } {
  const problems = new Problems('en');
  const settings = readSettings(text, 'config.csv', problems);
  return {
    settings: Object.fromEntries([...settings].map(([name, { value }]) => [name, value])),
    codes: problems.list.map(({ code, line }) => `${code}:${line}`),
  };
}

test('both styles of names are one', () => {
  expect(['Answer Mode', 'ANSWER_MODE', ' answer-mode ', 'answer  mode'].map(settingName)).toEqual(Array(4).fill('answer-mode'));
  expect(settingName('param-Max_Items')).toBe('param-max_items');
  expect(settingName('Param Greeting Text')).toBe('param-greetingtext');
});

test('rows, remarks, blank rows and quotes are read as spreadsheets write them', () => {
  const { settings, codes } = read(
    [
      'name,value',
      '# the persona, said "once',
      '',
      'Welcome Message,Hi, how are you?',
      'system-prompt,"You are kind.',
      '# this line is part of it,',
      'and you say ""please""."',
      ',,',
      '  bot-name , Shop ,,',
      'empty,',
      'theme-color1,#112233',
    ].join('\n'),
  );
  expect(codes).toEqual([]);
  expect(settings).toEqual({
    'welcome-message': 'Hi, how are you?',
    'system-prompt': 'You are kind.\n# this line is part of it,\nand you say "please".',
    'bot-name': 'Shop',
    empty: '',
    'theme-color1': '#112233',
  });
});

test('semicolons and tabs separate too, and a header of three columns keeps its remarks out of the values', () => {
  expect(read('nome;valor\nllm-url;https://x/?a=1,2\n').settings).toEqual({ 'llm-url': 'https://x/?a=1,2' });
  expect(read('a\t1\nb\t2, 3').settings).toEqual({ a: '1', b: '2, 3' });
  expect(read('name,value,remark\nlimit,5,rows\n').settings).toEqual({ limit: '5' });
});

test('what is wrong is told with its line', () => {
  expect(read('a,1\nb,"open\nc,3')).toEqual({ settings: { a: '1' }, codes: ['unterminated_quote:2'] });
  expect(read('a,1\nA,2')).toEqual({ settings: { a: '2' }, codes: ['setting_twice:2'] });
  expect(read(Array.from({ length: 501 }, (_, index) => `s${index},1`).join('\n')).codes).toEqual(['settings_too_large:501']);
});

test('a row after a quoted one still counts its lines', () => {
  expect(read('a,"1\n2\n3"\nb,"x').codes).toEqual(['unterminated_quote:4']);
});
