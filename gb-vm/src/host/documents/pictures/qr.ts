import qrcode from 'qrcode';
import { OperationFailed } from '../../operation.ts';
import { documentLimits } from '../limits.ts';
import { tooMuch } from '../refusals.ts';
import { canvasOf, encode, type Picture } from './canvas.ts';

/** A code of whole squares with the quiet border that readers need. */
export async function qrPicture({ text }: { readonly text: string }): Promise<Picture> {
  if (text === '') throw new OperationFailed({ en: 'a QR code needs a text', pt: 'um código QR precisa de um texto' });
  if (text.length > documentLimits.qrTextMax)
    throw tooMuch(
      `a QR code holds at most ${documentLimits.qrTextMax} characters`,
      `um código QR guarda no máximo ${documentLimits.qrTextMax} caracteres`,
    );
  const { modules } = qrcode.create(text, { errorCorrectionLevel: text.length > 300 ? 'L' : 'M' });
  const border = 4;
  const squares = modules.size + 2 * border;
  const unit = Math.max(4, Math.floor(640 / squares));
  const { canvas, context } = canvasOf(squares * unit, squares * unit);
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = '#111827';
  for (let row = 0; row < modules.size; row++)
    for (let column = 0; column < modules.size; column++)
      if (modules.get(row, column)) context.fillRect((column + border) * unit, (row + border) * unit, unit, unit);
  return encode(canvas, 'png');
}
