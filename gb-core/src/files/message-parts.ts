import {
  type Card,
  type FileId,
  type Form,
  type FormField,
  formFieldTypes,
  limits,
  type MessageParts,
  type UserId,
} from 'gb-protocol';
import { isUuid } from 'gb-utils';
import type { BotReply, FileRow, Tx } from '../ports/index.ts';
import { toAttachment } from './keep-file.ts';

const titleMax = 300;
const cardTextMax = 4_000;
const addressMax = 2_000;

/**
 * What a bot's reply carries besides its text, as a message can hold it; null when there is nothing. A program may build
 * anything, and a message that cannot be stored would fail its turn again and again: so what is too long is cut, and what
 * is not there, or not the bot's to show, is left out.
 */
export async function partsOf(
  tx: Tx,
  botUserId: UserId,
  reply: Pick<BotReply, 'files' | 'card' | 'form' | 'asksSecret'>,
): Promise<MessageParts | null> {
  const wanted = [...(reply.files ?? []), ...(reply.card?.imageId ? [reply.card.imageId] : [])].filter((id) => isUuid(id));
  const files = await usable(tx, botUserId, [...new Set(wanted)].slice(0, limits.attachmentsPerMessageMax) as FileId[]);
  const card = reply.card && boundCard(reply.card, new Set(files.map(({ id }) => id)));
  const form = reply.form && boundForm(reply.form);
  if (files.length === 0 && !card && !form && !reply.asksSecret) return null;
  return {
    ...(files.length > 0 ? { attachments: files.map(toAttachment) } : {}),
    ...(card ? { card } : {}),
    ...(form ? { form } : {}),
    ...(reply.asksSecret ? { asksSecret: reply.asksSecret } : {}),
  };
}

async function usable(tx: Tx, botUserId: UserId, ids: readonly FileId[]): Promise<readonly FileRow[]> {
  if (ids.length === 0) return [];
  const files: FileRow[] = [];
  for (const file of await tx.files.many(ids)) if (await isForBots(tx, file, botUserId)) files.push(file);
  return files;
}

/** Bots use what bots made, and what people showed where the bot may look. Knowing an id alone opens nothing. */
export async function isForBots(tx: Tx, file: FileRow, botUserId: UserId): Promise<boolean> {
  return file.botId !== null || (await tx.files.channelsWith(file.id, botUserId, 1)).length > 0;
}

function boundCard(card: Card, files: ReadonlySet<FileId>): Card {
  const { title, subtitle, text, imageId } = card;
  // A label is what many others call the name.
  const facts = objectsIn<NonNullable<Card['facts']>[number] & { readonly label?: string }>(card.facts)
    .slice(0, limits.cardFactsMax)
    .map(({ name, label, value }) => ({ name: cut(name ?? label, titleMax), value: cut(value, titleMax) }));
  const buttons = objectsIn<NonNullable<Card['buttons']>[number]>(card.buttons)
    .slice(0, limits.cardButtonsMax)
    .flatMap(({ label, text: says, url }) => {
      const button = { label: cut(label, 80) };
      if (button.label.trim() === '') return [];
      if (url !== undefined) return isWebAddress(url) ? [{ ...button, url }] : [];
      return [says === undefined ? button : { ...button, text: cut(says, limits.formValueMax) }];
    });
  return {
    ...(title === undefined ? {} : { title: cut(title, titleMax) }),
    ...(subtitle === undefined ? {} : { subtitle: cut(subtitle, titleMax) }),
    ...(text === undefined ? {} : { text: cut(text, cardTextMax) }),
    ...(imageId !== undefined && files.has(imageId) ? { imageId } : {}),
    ...(facts.length > 0 ? { facts } : {}),
    ...(buttons.length > 0 ? { buttons } : {}),
  };
}

function boundForm(form: Form): Form | null {
  const fields = new Map<string, FormField>();
  for (const field of objectsIn<FormField>(form.fields)) {
    const name = cut(field.name, limits.formNameMax);
    if (fields.size >= limits.formFieldsMax) break;
    if (name.trim() === '' || fields.has(name)) continue;
    fields.set(name, boundField(name, field));
  }
  if (fields.size === 0) return null;
  const { title, submitLabel } = form;
  return {
    name: cut(form.name, limits.formNameMax),
    ...(title === undefined ? {} : { title: cut(title, titleMax) }),
    fields: [...fields.values()],
    ...(submitLabel === undefined ? {} : { submitLabel: cut(submitLabel, 80) }),
  };
}

function boundField(name: string, { label, type, isRequired, choices, example, initial }: FormField): FormField {
  const known = fieldType(type, choices);
  const some =
    known === 'choice'
      ? [...new Set((Array.isArray(choices) ? choices : []).map((one) => cut(one, limits.formLabelMax)))].slice(
          0,
          limits.formChoicesMax,
        )
      : undefined;
  return {
    name,
    label: cut(label, limits.formLabelMax) || name,
    type: known !== 'choice' || some!.length > 0 ? known : 'text',
    ...(isRequired ? { isRequired } : {}),
    ...(some && some.length > 0 ? { choices: some } : {}),
    ...(example === undefined ? {} : { example: cut(example, limits.formLabelMax) }),
    ...(initial === undefined ? {} : { initial: cut(initial, limits.formLabelMax) }),
  };
}

/** The objects of a list, as a program may have written anything where one belongs. */
function objectsIn<T extends object>(list: unknown): readonly T[] {
  return Array.isArray(list) ? list.filter((one): one is T => typeof one === 'object' && one !== null) : [];
}

/** What HEAR AS and PARAM call it. */
const dialectTypes: ReadonlyMap<string, FormField['type']> = new Map([
  ['integer', 'number'],
  ['float', 'number'],
  ['money', 'number'],
  ['mobile', 'phone'],
  ['hour', 'time'],
  ['image', 'file'],
  ['document', 'file'],
]);

/** A program may write any type, in any letters; what nobody knows is text. */
function fieldType(type: unknown, choices: unknown): FormField['type'] {
  const word = String(type ?? '').toLowerCase();
  const own = formFieldTypes.find((one) => one.toLowerCase() === word) ?? dialectTypes.get(word);
  return own ?? (Array.isArray(choices) ? 'choice' : 'text');
}

/** A program's value may be of another type than its place says. */
function cut(text: unknown, lengthMax: number): string {
  return String(text ?? '')
    .slice(0, lengthMax)
    .toWellFormed()
    .replaceAll('\0', '\uFFFD');
}

function isWebAddress(url: unknown): url is string {
  return (
    typeof url === 'string' &&
    url.length <= addressMax &&
    /^(https?|mailto):/i.test(url) &&
    URL.canParse(url) &&
    !url.includes('\0')
  );
}
