import { forgetDevice, readDeviceCursors, saveDeviceCursors } from 'gb-core';
import { DeviceCursorsBody, DeviceCursorsSchema, DeviceParams, DoneSchema, ErrorSchema } from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import type { App } from '../server.ts';

const tags = ['Devices'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
/** Of 5,000 places. */
const bodyLimit = 1_048_576;

export function deviceRoutes(app: App, { ctx }: ApiOptions): void {
  app.get(
    '/devices/:device/cursors',
    {
      schema: {
        tags,
        summary: 'Where a device of mine stands',
        params: DeviceParams,
        response: { 200: DeviceCursorsSchema, ...errors },
      },
    },
    async (request) => readDeviceCursors(ctx, requireActor(request), request.params.device),
  );
  app.put(
    '/devices/:device/cursors',
    {
      bodyLimit,
      schema: {
        tags,
        summary: 'Say where a device of mine stands; places only move forward',
        params: DeviceParams,
        body: DeviceCursorsBody,
        response: { 200: DeviceCursorsSchema, ...errors },
      },
    },
    async (request) => saveDeviceCursors(ctx, requireActor(request), request.params.device, request.body.cursors),
  );
  app.delete(
    '/devices/:device/cursors',
    {
      schema: {
        tags,
        summary: 'Forget where a device of mine stands',
        params: DeviceParams,
        response: { 200: DoneSchema, ...errors },
      },
    },
    async (request) => {
      await forgetDevice(ctx, requireActor(request), request.params.device);
      return { ok: true as const };
    },
  );
}
