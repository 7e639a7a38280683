import { rateLimitsContract } from 'gb-core/contract';
import { systemClock } from 'gb-utils';
import { createInProcessRateLimits } from './rate-limits.in-process.ts';

rateLimitsContract('in process', () => createInProcessRateLimits({ clock: systemClock }));
