/** The durable runtime: runs compiled programs turn by turn, in this thread or in workers. */
export { type BotRuntimeOptions, createBotRuntime, RuntimeClosed, RuntimeOverloaded } from './bot-runtime.ts';
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
