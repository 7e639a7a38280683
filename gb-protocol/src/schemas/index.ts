export * from './bots.ts';
export * from './common.ts';
export { clientFrameSchemas } from './frames.ts';
export * from './jobs.ts';
export * from './quotas.ts';
export * from './rest.ts';
