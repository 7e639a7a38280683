import { describe, expect, test } from 'vitest';
import { see, treeOf } from './testing/show.ts';

describe('loops that pair like brackets', () => {
  test('are nested, with the lines in them', () => {
    expect(treeOf('10 FOR I=1 TO 3\n20 FOR J=1 TO 3\n30 GOTO 30\n40 NEXT J,I\n50 A=1')).toBe(
      'for I = 1 to 3\n  for J = 1 to 3\n    30:\n    goto 30\nA = 1',
    );
  });

  test('a line that is a NEXT belongs to the loop', () => {
    expect(treeOf('10 FOR I=1 TO 3\n20 GOTO 40\n30 A=1\n40 NEXT')).toBe('for I = 1 to 3\n  goto 40\n  A = 1\n  40:');
  });

  test('may stand inside an IF, all of them', () => {
    expect(treeOf('10 IF A THEN FOR I=1 TO 3:B=I:NEXT')).toBe('if A\n  for I = 1 to 3\n    B = I');
  });

  test('WHILE too', () => {
    expect(treeOf('10 WHILE A\n20 FOR I=1 TO 2:NEXT\n30 WEND')).toBe('while A\n  for I = 1 to 2');
  });
});

describe('other loops stay as they are', () => {
  test('a NEXT inside an IF, and another one later', () => {
    expect(treeOf('10 FOR I=1 TO 3\n20 IF A THEN B=1:NEXT\n30 NEXT')).toBe(
      'looseFor I = 1 to 3 next 0\nif A\n  B = 1\n  looseNext I 0\nlooseNext I 1',
    );
  });

  test('crossing', () => {
    expect(treeOf('10 FOR I=1 TO 3\n20 FOR J=1 TO 3 STEP 2\n30 NEXT I\n40 NEXT J')).toBe(
      'looseFor I = 1 to 3 next 0\nlooseFor J = 1 to 3 step 2 next 1\nlooseNext I 0\nlooseNext J 1',
    );
  });

  test('two FORs for one NEXT', () => {
    expect(treeOf('10 IF A THEN FOR I=1 TO 3\n20 IF B THEN FOR I=3 TO 9\n30 NEXT')).toBe(
      'if A\n  looseFor I = 1 to 3 next null\nif B\n  looseFor I = 3 to 9 next 0\nlooseNext I 0',
    );
  });

  test('a NEXT before its FOR in the text', () => {
    expect(treeOf('10 GOTO 30\n20 NEXT I\n30 FOR I=1 TO 3\n40 GOTO 20')).toBe(
      'goto 30\n20:\nlooseNext I 0\n30:\nlooseFor I = 1 to 3 next null\ngoto 20',
    );
  });

  test('a FOR without NEXT is told, and runs once', () => {
    expect(see('10 FOR I=1 TO 3\n20 A=1', 'classic')).toMatchObject({
      tree: 'looseFor I = 1 to 3 next null\nA = 1',
      found: ['1: for_without_next'],
    });
  });

  test('WHILE becomes jumps among them', () => {
    expect(treeOf('10 FOR I=1 TO 3\n20 WHILE A\n30 IF B THEN WEND\n40 NEXT')).toBe(
      [
        'looseFor I = 1 to 3 next 0',
        'WHILE 0:',
        'if A',
        'else',
        '  goto WEND 0',
        'if B',
        '  goto WHILE 0',
        '  WEND 0:',
        'looseNext I 0',
      ].join('\n'),
    );
  });

  test('loops nested more deeply than can be followed', () => {
    const count = 300;
    const lines = [
      ...Array.from({ length: count }, (_, n) => `${n + 1} FOR I${n}=1 TO 2`),
      ...Array.from({ length: count }, (_, n) => `${count + n + 1} NEXT`),
    ];
    const tree = treeOf(lines.join('\n')).split('\n');
    expect(tree[0]).toBe('looseFor I0 = 1 to 2 next 299');
    expect(tree.at(-1)).toBe('looseNext I0 299');
  });
});
