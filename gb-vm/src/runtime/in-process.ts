/** The runtime without threads and without anything of Node: for previews in a browser and for tools. */
export {
  createTurnEngine,
  type EngineInput,
  type EngineOptions,
  type LoadedProgram,
  ProgramInvalid,
  type Turn,
  type TurnEngine,
} from './engine.ts';
export { prepareProgram, programHash } from './program.ts';
