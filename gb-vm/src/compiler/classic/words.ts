/**
 * The words of the classic dialect. `takes` says what a function wants: n a number, s a text, v either; after `|` what may
 * be left out. `name` is its name in the library, which knows the profile and does as the interpreters did.
 */
export interface ClassicFunction {
  readonly name: string;
  readonly takes: string;
  readonly isText: boolean;
}

const rows: readonly (readonly [word: string, takes: string])[] = [
  ['ABS', 'n'],
  ['ASC', 's'],
  ['ATN', 'n'],
  ['CDBL', 'n'],
  ['CHR$', 'n'],
  ['CINT', 'n'],
  ['COS', 'n'],
  ['CSNG', 'n'],
  ['CSRLIN', ''],
  ['DATE$', ''],
  ['ERL', ''],
  ['ERR', ''],
  ['EXP', 'n'],
  ['FIX', 'n'],
  ['FRE', 'v'],
  ['HEX$', 'n'],
  ['INKEY$', ''],
  ['INP', 'n'],
  ['INSTR', 'vs|s'],
  ['INT', 'n'],
  ['LCASE$', 's'],
  ['LEFT$', 'sn'],
  ['LEN', 's'],
  ['LOG', 'n'],
  ['LTRIM$', 's'],
  ['MID$', 'sn|n'],
  ['OCT$', 'n'],
  ['PEEK', 'n'],
  ['POS', 'v|vn'],
  ['RIGHT$', 'sn'],
  ['RND', '|n'],
  ['RTRIM$', 's'],
  ['SGN', 'n'],
  ['SIN', 'n'],
  ['SPACE$', 'n'],
  ['SQR', 'n'],
  ['STR$', 'n'],
  ['STRING$', 'nv'],
  ['TAN', 'n'],
  ['TIME$', ''],
  ['TIMER', ''],
  ['UCASE$', 's'],
  ['USR', 'n'],
  ['VAL', 's'],
];

export const classicFunctions: ReadonlyMap<string, ClassicFunction> = new Map(
  rows.map(([word, takes]) => [word, { name: word.replace('$', ''), takes, isText: word.endsWith('$') }]),
);

/** Functions of the first interpreters: they are what they are even without a parenthesis behind them. */
export const oldFunctions: ReadonlySet<string> = new Set(
  'ABS ASC ATN CHR$ COS EXP INT LEFT$ LEN LOG MID$ PEEK RIGHT$ RND SGN SIN SQR STR$ TAN VAL'.split(' '),
);

/** Words of the first interpreters that begin a statement. Crunched text is split at these. */
export const oldStatements: ReadonlySet<string> = new Set(
  'CLEAR DATA DEF DIM END FOR GOSUB GOTO IF INPUT LET NEXT ON POKE PRINT READ REM RESTORE RETURN STOP'.split(' '),
);

/** Words that stand between or before values, or join the parts of a statement. */
export const joiningWords: ReadonlySet<string> = new Set('AND ELSE EQV GOSUB GOTO IMP MOD NOT OR STEP THEN TO XOR'.split(' '));

/** Without meaning where there is no screen, speaker or port: read to their end and left out. */
export const idleStatements: ReadonlySet<string> = new Set(
  'BEEP CLS COLOR KEY LOCATE NULL OUT POKE SCREEN SLEEP SOUND TROFF TRON WAIT WIDTH'.split(' '),
);
export const fileStatements: ReadonlySet<string> = new Set(
  'BLOAD BSAVE CHAIN CLOSE COMMON FIELD FILES KILL LOAD LSET MERGE NAME OPEN PUT RESET RSET SAVE WRITE'.split(' '),
);
export const graphicsStatements: ReadonlySet<string> = new Set(
  'CIRCLE DRAW HCOLOR HGR HLIN HPLOT PAINT PALETTE PLAY PLOT PRESET PSET VIEW VLIN WINDOW'.split(' '),
);
export const machineStatements: ReadonlySet<string> = new Set('CALL MOTOR'.split(' '));

/**
 * Words that came later, and were variable names in older programs: they are keywords only where a statement begins, and
 * not when a value is given to them, as in `COLOR = 3`.
 */
export const newStatements: ReadonlySet<string> = new Set([
  ...'CONT DEFDBL DEFINT DEFSNG DEFSTR ERASE ERROR GET LINE LINPUT LIST LPRINT NEW OPTION RANDOMIZE RESUME RUN SWAP SYSTEM WEND WHILE'.split(
    ' ',
  ),
  ...idleStatements,
  ...fileStatements,
  ...graphicsStatements,
  ...machineStatements,
]);
