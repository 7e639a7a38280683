import { storeContract } from 'gb-core/contract';
import { makeTestParts, startSplittableShards } from './testing/index.ts';

/** Every customer is split before anything else is done with it, so all logs of channels are in parts. */
storeContract('customers split over two databases', async () => {
  const shards = await startSplittableShards();
  const opened = await shards.openStore();
  const { store } = opened;
  const createCustomer = store.createCustomer.bind(store);
  store.createCustomer = async (input) => {
    const created = await createCustomer(input);
    await makeTestParts(shards, opened, created.customerId, 2);
    return created;
  };
  return { store, openAnother: async (options) => (await shards.openStore(options)).store, close: () => shards.close() };
});
