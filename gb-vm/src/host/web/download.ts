import { limits } from 'gb-protocol';
import { isFile } from './body.ts';
import { fileNameOf, mediaTypeOf, mustSucceed } from './content.ts';
import { wordOf } from './values.ts';
import { headersFor, send, type WebOperation, webAddress } from './web-call.ts';

const downloadMsMax = 120_000;

/** DOWNLOAD: a file of the web, into the drive when a place is named. */
export const downloadOperations: Readonly<Record<string, WebOperation>> = {
  DOWNLOAD: async ({ address, file }, web) => {
    const place = wordOf(file).trim();
    const { drive } = web.call;
    if (isFile(address)) {
      const found = place === '' ? null : await drive.read(address);
      return { ...(found ? await drive.write(place, found.bytes, found.value.type) : address) };
    }
    const answer = mustSucceed(
      await send(web, {
        address: webAddress(web, address),
        headers: headersFor(web, undefined),
        bytesMax: limits.fileBytesMax,
        wholeMsMax: downloadMsMax,
      }),
    );
    const type = mediaTypeOf(answer.headers) || 'application/octet-stream';
    const kept =
      place === ''
        ? drive.make(fileNameOf(answer), answer.bytes, type)
        : drive.write(placeOf(place, fileNameOf(answer)), answer.bytes, type);
    return { ...(await kept) };
  },
};

/** A place that ends with a slash is a folder. */
const placeOf = (place: string, name: string): string => (place.endsWith('/') ? `${place}${name}` : place);
