// Apart from the package's own: the gRPC client is for those who have a TiKV.
export { openTikvKeyValueStore, type TikvOptions } from './key-value-store.tikv.ts';
