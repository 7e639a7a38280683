import type { BotId, ConversationId } from 'gb-protocol';
import { GbError } from 'gb-utils';
import type { ConversationRow, ConversationState, PlainValue, ToolDescription, Tx } from '../ports/index.ts';
import { another } from './at-once.ts';
import { newRunRow } from './runs.ts';

/** No answer of another bot is waited for longer. */
const answerMsMax = 600_000;

/** A bot that ADD BOT brought along. */
export interface Guest {
  readonly botId: BotId;
  /** It answers what has one of these words, when no program listens. */
  readonly words: readonly string[];
  /** Scripts of it that the model of this conversation may use as tools. */
  readonly tools?: readonly string[];
}

/** The tools that guests bring along, as they are in what is published of those bots now. */
export async function guestTools(tx: Tx, state: ConversationState): Promise<readonly ToolDescription[]> {
  const tools: ToolDescription[] = [];
  for (const { botId, tools: scripts = [] } of guestsOf(state)) {
    if (scripts.length === 0) continue;
    const manifest = (await tx.bots.published(botId))?.about?.manifest;
    for (const tool of manifest?.tools ?? []) if (scripts.includes(tool.script)) tools.push({ ...tool, botId });
  }
  return tools;
}

export function guestsOf(state: ConversationState): readonly Guest[] {
  const list = state.people?.['guests'];
  return Array.isArray(list) ? (list as unknown as readonly Guest[]) : [];
}

export function setGuests(state: ConversationState, guests: readonly Guest[]): void {
  state.people = { ...state.people, guests: guests as unknown as PlainValue };
}

/** Whole words, whatever their case; a trigger of several words stands in the text as it is. */
function isMeant({ words }: Guest, text: string): boolean {
  const said = ` ${text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ')} `;
  return words.some((word) =>
    said.includes(
      ` ${word
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]+/gu, ' ')
        .trim()} `,
    ),
  );
}

/**
 * The conversation as it waits for the guest whose words somebody said, and the run in which that bot answers without
 * speaking itself; null when no guest is meant, the bot is gone, or has no room for another run: then the host answers.
 */
export async function askGuest(
  tx: Tx,
  previous: ConversationRow,
  said: { readonly text: string; readonly seq: number },
  nowMs: number,
): Promise<{ readonly row: ConversationRow; readonly run: ConversationRow } | null> {
  const guest = guestsOf(previous.state).find((one) => isMeant(one, said.text));
  const published = guest ? await tx.bots.published(guest.botId) : null;
  if (!guest || !published) return null;
  const run = await roomFor(tx, {
    botId: guest.botId,
    script: published.about?.manifest.start ?? 'start.bas',
    params: { message: said.text, task: said.text },
    cause: 'script',
    key: `guest:${previous.id}:${said.seq}`,
    userId: previous.userId,
    isQuiet: true,
    nowMs,
  });
  if (!run) return null;
  const row: ConversationRow = {
    ...previous,
    status: 'asking',
    snapshot: null,
    turn: previous.turn + 1,
    request: { name: 'DELEGATE', args: {} },
    result: null,
    waitsFor: `run:${run.id as ConversationId}`,
    wakeAt: another(nowMs + answerMsMax, previous),
    calls: 1,
  };
  return { row, run };
}

async function roomFor(tx: Tx, run: Parameters<typeof newRunRow>[1]): Promise<ConversationRow | null> {
  try {
    return await newRunRow(tx, run);
  } catch (error) {
    if (error instanceof GbError && error.code === 'quota_exceeded') return null;
    throw error;
  }
}
