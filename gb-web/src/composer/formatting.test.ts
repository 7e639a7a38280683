import { expect, test } from 'vitest';
import { continueLine, toggleMark } from './formatting.ts';

test('a mark goes around the selection and comes off again', () => {
  const bold = toggleMark({ text: 'a word here', start: 2, end: 6 }, '**');
  expect(bold).toEqual({ text: 'a **word** here', start: 4, end: 8 });
  expect(toggleMark(bold, '**')).toEqual({ text: 'a word here', start: 2, end: 6 });
});

test('marks inside the selection come off too', () => {
  expect(toggleMark({ text: '`x`', start: 0, end: 3 }, '`')).toEqual({ text: 'x', start: 0, end: 1 });
});

test('with nothing selected the caret stands between the marks', () => {
  expect(toggleMark({ text: '', start: 0, end: 0 }, '_')).toEqual({ text: '__', start: 1, end: 1 });
});

test('a list goes on, and ends at an empty item', () => {
  expect(continueLine('- one', 5)).toEqual({ text: '- one\n- ', caret: 8 });
  expect(continueLine('9. nine', 7)).toEqual({ text: '9. nine\n10. ', caret: 12 });
  expect(continueLine('- one\n- ', 8)).toEqual({ text: '- one\n', caret: 6 });
  expect(continueLine('plain', 5)).toBeNull();
});
