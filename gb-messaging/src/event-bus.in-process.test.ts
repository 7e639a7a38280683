import { eventBusContract } from 'gb-core/contract';
import { silentLogger } from 'gb-utils';
import { createInProcessEventBus } from './event-bus.in-process.ts';

eventBusContract('in process', () => createInProcessEventBus({ log: silentLogger }));
