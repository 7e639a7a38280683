import type { Profile } from './profile.ts';

/**
 * Where things are in the linear memory that a bot program and the runtime share. Changing any of this changes the ABI:
 * old snapshots and modules then need the old runtime, so `abiVersion` goes up with it.
 *
 *     0x00000  header: the words below
 *     0x00100  frames: one per suspended call, growing up, 64 KiB
 *     0x10100  constants of the program: frame sizes, texts
 *     heap     from the first multiple of 16 after the constants, growing up
 */
export const abiVersion = 2;

export const header = {
  /** The frame that runs; 0 when the program ended. */
  fp: 0x08,
  /** Where the next frame goes, and the highest that ever was (what must be wiped). */
  sp: 0x0c,
  spHigh: 0x10,
  /** Next free byte of the heap, and the end of what may be used without asking. */
  hp: 0x14,
  heapLimit: 0x18,
  /** 1 + index into the program's HEAR table while waiting, else 0. */
  hearing: 0x1c,
  /** Variants: the choices of a menu and the DEFAULT of the HEAR that waits. */
  choices: 0x20,
  fallback: 0x28,
  /** Four words of xoshiro128** state. */
  random: 0x30,
  /** A 64-bit value on its way from a call or a host function. */
  result: 0x40,
  /** The validated answer. */
  mail: 0x48,
  /** Where the program was when its slice ran out. */
  position: 0x50,
} as const;

export const frameBase = 0x100;
export const frameBytesMax = 0x10000;
export const frameEnd = frameBase + frameBytesMax;
export const constantBase = frameEnd;

/** Words at the start of a frame; 8-byte slots follow. */
export const frame = { procedure: 0, state: 4, previous: 8, size: 12, slots: 16 } as const;

/** What `resume` gives back. */
export const status = { finished: 0, waiting: 1, called: 2, returned: 3, sliceUsed: 4 } as const;

/**
 * A variant is a number, or a NaN whose upper word says what the lower word points at. Every NaN that arithmetic makes
 * has another upper word, so a number never looks like a pointer.
 */
export const tag = { null: 0x7ffc0000, boolean: 0x7ffc0001, string: 0x7ffc0002, array: 0x7ffc0003, object: 0x7ffc0004 } as const;

export const nullVariant = BigInt(tag.null) << 32n;

/**
 * Heap objects are 16-byte aligned; the first word is the kind.
 * - string cell: kind, length in characters, buffer, -
 * - buffer: kind (+ wide), capacity, used (both in bytes), - , then the bytes: Latin-1, or UTF-16 when wide
 * - array cell: kind (+ fixed, + numbers only), length, store, capacity in items; a fixed array's store follows its cell
 * - store: kind, items, then 8-byte variants
 * - object cell: kind, count, entries, index
 * - entries: kind, capacity, then pairs of key (string cell, hash) and variant in the order they were added
 * - index: kind, slots (a power of two), then entry numbers from 1, open addressing
 */
export const kind = { string: 1, buffer: 2, array: 3, store: 4, object: 5, entries: 6, index: 7 } as const;
export const wideFlag = 0x100;
export const fixedFlag = 0x100;
/** A fixed array that compiled code proved to hold numbers only: nothing in it needs to be followed. */
export const numbersFlag = 0x200;
export const bufferData = 16;
export const storeData = 8;
/** From the cell of a fixed array to its first item. */
export const fixedArrayData = 24;

/** Calls of procedures within themselves, when they keep nothing in frames. */
export const callDepthMax = 2000;

/** Codes of errors that compiled code raises itself; host functions raise theirs by name. */
export const trapCodes = [
  'fuel_exhausted',
  'division_by_zero',
  'subscript_out_of_range',
  'recursion_too_deep',
  'illegal_argument',
] as const;
export const trap = { fuel: 0, divisionByZero: 1, subscript: 2, tooDeep: 3, argument: 4 } as const;

export type SlotType = 'n' | 's' | 'b' | 'a' | 'p';

/** What the runtime, the debugger and error messages need to know about a program besides its bytes. Stored as JSON. */
export interface DebugMap {
  readonly abi: number;
  readonly profile?: Profile;
  readonly files: readonly string[];
  readonly heapBase: number;
  readonly emptyText: number;
  /** By function table slot: the procedures that can suspend. Main is 0. */
  readonly procedures: readonly {
    readonly name: string;
    readonly size: number;
    readonly slots: readonly (readonly [name: string, type: SlotType])[];
    /** Blocks that go on after a call, with the position of the call: what a chain of calls is told from. */
    readonly calls?: readonly (readonly [block: number, position: number])[];
    /** Slots of what catches errors, for procedures that do; see `HiddenVariables`. Those after the second only with ON ERROR. */
    readonly handler?: readonly [
      handler: number,
      handling: number,
      at?: number,
      next?: number,
      failedAt?: number,
      failedNext?: number,
    ];
    /** Of a stepping build: the blocks that statements begin with, and the positions of these statements. */
    readonly stops?: readonly (readonly [block: number, position: number])[];
    /**
     * What a waiting conversation depends on, under names that outlive the next compilation; see `runtime/migrate.ts`.
     * Statements are in reading order, each a hash of its text, with the number of the statement around it or -1.
     */
    readonly identity?: {
      readonly statements: readonly number[];
      readonly parents: readonly number[];
      /** `wait` is 1 + index into `hears`, for blocks that go on after one. */
      readonly blocks: readonly (readonly [block: number, statement: number, role: string, wait?: number])[];
      /**
       * The hidden slots. Some hold blocks, as their role begins: `@` a block plus 1, or else 0 or -1; `#` a block;
       * `*` a list of blocks. Statement -1 is the procedure as a whole.
       */
      readonly slots: readonly (readonly [slot: number, statement: number, role: string])[];
    };
  }[];
  /** By position id: file, line, column, the word of the statement, and the number of a numbered line. */
  readonly positions: readonly (readonly [file: number, line: number, column: number, word: string, lineNumber?: number])[];
  readonly hears: readonly {
    readonly type: string;
    readonly isOpen: boolean;
    readonly hasFallback: boolean;
    readonly position: number;
    /** Of an `OPERATION`: what is asked of the host; its arguments are in `header.choices`. */
    readonly name?: string;
    /** Of an `INPUT`: for each target n number, s text, a either. */
    readonly kinds?: string;
    readonly isLine?: boolean;
    /** The answer is a variant, as a file is. */
    readonly isAny?: boolean;
  }[];
  /** The items of DATA. */
  readonly data?: readonly (readonly [text: string, isQuoted: boolean])[];
  /** The slot of main that holds the last error, as an object. */
  readonly error?: number | null;
  /** Variables of main that the host fills: at the start, and every turn when the program never assigns them. */
  readonly host: readonly { readonly name: string; readonly slot: number; readonly isRefreshed: boolean }[];
  /** Code offsets where statements begin, ascending, with their positions, -1 where unmarked code begins: for errors whose raiser does not know the place. */
  readonly marks: readonly (readonly [offset: number, position: number])[];
}
