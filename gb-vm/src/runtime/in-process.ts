/** The runtime without threads and without anything of Node: for previews in a browser and for tools. */
export {
  createTurnEngine,
  type EngineConsole,
  type EngineInput,
  type EngineOptions,
  type JsonValue,
  type LoadedProgram,
  type Operations,
  ProgramInvalid,
  type Turn,
  type TurnEngine,
} from './engine.ts';
export { askAgain } from './hear.ts';
export {
  createMemoryOperations,
  MemoryData,
  type MemoryOperations,
  type MemoryOptions,
  type Suggestion,
} from './operations/index.ts';
export { prepareProgram, programHash } from './program.ts';
