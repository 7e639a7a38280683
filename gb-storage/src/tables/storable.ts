/**
 * JSON as PostgreSQL can take it apart: a zero character and half a character are no text to it. The first goes, the
 * second becomes the sign for what cannot be read. A backslash that is itself written with one is not the start of either.
 */
export function storable(json: string): string {
  return json.replace(/\\(u[0-9a-f]{4}|.)/gi, (written: string, sign: string) => {
    if (/^u0000$/i.test(sign)) return '';
    return /^ud[89a-f]/i.test(sign) ? '\\ufffd' : written;
  });
}
