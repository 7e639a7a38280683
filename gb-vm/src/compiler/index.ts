/** The compiler: BASIC scripts in, WebAssembly, a debug map and diagnostics out. Runs in Node and in a browser alike. */
export type { Script, Statement } from './ast.ts';
export {
  type CompileOptions,
  type CompileResult,
  compile,
  type PlacedDeclaration,
  type SourceText,
  sourceCharactersMax,
} from './compile.ts';
export type { Diagnostic, Locale } from './diagnostics.ts';
export { initialLineState, type LineState, type LineToken, type TokenClass, tokenizeLine } from './highlight.ts';
export { type Keyword, keywords } from './keywords/index.ts';
/** Help for authors, in editors. */
export * as language from './language/index.ts';
export { abiVersion, type DebugMap } from './layout.ts';
export { type Profile, profiles } from './profile.ts';
