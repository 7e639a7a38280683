import { storeContract } from 'gb-core/contract';
import { startTestDatabase } from './testing.ts';

storeContract('embedded PostgreSQL', async () => {
  const database = await startTestDatabase();
  const store = await database.openStore();
  return { store, openAnother: (options) => database.openStore(options), close: () => database.close() };
});
