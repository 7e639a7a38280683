export { compose, type Running } from './compose.ts';
export { type Config, readConfig } from './config.ts';
export { ensureWebClient } from './web-client.ts';
