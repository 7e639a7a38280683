import type { OutsideCall } from 'gb-core';
import { OperationFailed, settingMissing } from '../operation.ts';
import type { HttpClient } from '../web/http-client.ts';

export type GatewayName = 'sms' | 'whatsapp';

export interface GatewayMessage {
  readonly to: string;
  readonly text?: string;
  readonly template?: string;
  readonly values?: readonly string[];
  /** Its bytes as base64. */
  readonly file?: { readonly name: string; readonly type: string; readonly data: string };
}

/**
 * A message through somebody's HTTP service, named in the bot's config.csv: `sms-url` or `whatsapp-url`, with `sms-key`
 * sent as a bearer token. It gets one JSON object {to, text | template, values, file} and answers 2xx for taken over. The key of
 * the operation goes along as Idempotency-Key, so a service that knows it takes a repetition once.
 */
export async function sendThroughGateway(
  name: GatewayName,
  message: GatewayMessage,
  call: OutsideCall,
  client: HttpClient,
): Promise<void> {
  const url = call.settings[`${name}-url`];
  if (!url) throw settingMissing(`${name}-url`);
  const key = call.settings[`${name}-key`];
  const { status } = await client.send({
    method: 'POST',
    address: url,
    customer: call.customerId,
    signal: call.signal,
    headers: {
      'content-type': 'application/json',
      'idempotency-key': call.key,
      ...(key ? { authorization: `Bearer ${key}` } : {}),
    },
    body: JSON.stringify(message),
    bytesMax: 65_536,
  });
  if (status < 200 || status >= 300)
    throw new OperationFailed({
      en: `the service for ${name} answers with status ${status}`,
      pt: `o serviço de ${name} responde com o estado ${status}`,
    });
}
