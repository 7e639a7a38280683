export * from './bots.ts';
export * from './common.ts';
export { clientFrameSchemas } from './frames.ts';
export * from './rest.ts';
