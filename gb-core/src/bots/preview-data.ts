import type { BotId, CustomerId } from 'gb-protocol';
import { limits } from 'gb-protocol';
import type { Context } from '../context.ts';
import type { PreviewHost } from '../ports/index.ts';

/** Of all sheets of one preview together: they are copied each time somebody presses Restart. */
const rowsMax = 10_000;

/**
 * The sheets of the bot's published data, copied into a preview: a draft that offers the rows of `services.csv` finds them.
 * What it writes there goes with the preview. Of more rows than `rowsMax` those after it are missing.
 */
export async function fillPreview(ctx: Context, customerId: CustomerId, botId: BotId, host: PreviewHost): Promise<void> {
  await ctx.store.read(customerId, async (tx) => {
    let left = rowsMax;
    for (const { path } of await tx.files.list(botId, 'data', { limit: limits.filesPerBotMax })) {
      if (left <= 0 || path === null || !/\.(csv|tsv|xlsx)$/i.test(path)) continue;
      const sheet = await tx.sheets.get(botId, path);
      if (!sheet) continue;
      const rows = (await tx.sheets.scan(sheet, 0, left)).map(({ row }) => row);
      left -= rows.length;
      host.fill(path, rows);
    }
  });
}
