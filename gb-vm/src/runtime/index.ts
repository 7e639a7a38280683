/** The durable runtime: runs compiled programs turn by turn, in this thread or in workers. */
export { type BotRuntimeOptions, createBotRuntime, RuntimeClosed, RuntimeOverloaded } from './bot-runtime.ts';
export * from './in-process.ts';
export { createProgramCompiler, type ProgramCompilerOptions } from './program-compiler.ts';
