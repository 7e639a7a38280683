import { compose } from './scratch-compose.ts';
import { readConfig } from './config.ts';
import { createLogger } from './logger.ts';
const r = await compose(readConfig(), createLogger('info'), null);
console.log('ready at http://localhost:'+r.port);
process.on('SIGTERM', () => r.close().then(() => process.exit(0)));
process.on('SIGINT', () => r.close().then(() => process.exit(0)));
