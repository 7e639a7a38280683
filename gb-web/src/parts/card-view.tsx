import type { Attachment, Card } from 'gb-protocol';
import { ExternalLink } from 'lucide-react';
import { MarkdownView } from '../channel/markdown-view.tsx';
import { useMessageActions } from '../channel/message-actions.ts';
import { useT } from '../i18n/index.ts';
import { pictureBox } from '../lib/picture-box.ts';
import { safeUrl, withoutReordering } from '../lib/safe-text.ts';
import { fileAddress } from './file-address.ts';

const cardPictureMax = { width: 400, height: 220 };

/** What a bot shows: a picture, a title, facts, and buttons that answer or lead somewhere. */
export function CardView({ card, attachments }: { card: Card; attachments: readonly Attachment[] }) {
  const t = useT();
  const image = attachments.find((file) => file.id === card.imageId);
  const box = image && pictureBox(image, cardPictureMax);
  const title = card.title && withoutReordering(card.title);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a form's look and meaning
    <div className="card" role="group" aria-label={title ?? t('card.label')}>
      {image && box ? (
        <img
          className="card-picture"
          src={fileAddress(image.id)}
          alt={withoutReordering(image.name)}
          width={box.width}
          height={box.height}
          style={{ aspectRatio: `${box.width} / ${box.height}` }}
          loading="lazy"
          decoding="async"
        />
      ) : null}
      <div className="card-body">
        {title ? <div className="card-title">{title}</div> : null}
        {card.subtitle ? <div className="soft">{withoutReordering(card.subtitle)}</div> : null}
        {card.text ? (
          <div className="md">
            <MarkdownView text={card.text} />
          </div>
        ) : null}
        {card.facts ? <Facts facts={card.facts} /> : null}
        {card.buttons ? (
          <div className="suggestions">
            {card.buttons.map((button, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a card never changes, and two buttons may say the same
              <CardButton key={index} button={button} />
            ))}
          </div>
        ) : null}
      </div>
    </div>
  );
}

function CardButton({ button }: { button: NonNullable<Card['buttons']>[number] }) {
  const actions = useMessageActions();
  const label = withoutReordering(button.label);
  if (button.url !== undefined) {
    const url = safeUrl(button.url);
    if (!url) return null;
    return (
      <a className="suggestion is-link" href={url} target="_blank" rel="noopener noreferrer">
        {label}
        <ExternalLink size={14} aria-hidden />
      </a>
    );
  }
  if (!actions.canPost) return null;
  return (
    <button type="button" className="suggestion" onClick={() => actions.answer(button.text ?? button.label)}>
      {label}
    </button>
  );
}

/** Names and values, side by side where there is room. */
export function Facts({ facts }: { facts: readonly { readonly name: string; readonly value: string }[] }) {
  return (
    <dl className="facts">
      {facts.map((fact, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: facts never change, and two may have one name
        <div key={index}>
          <dt>{withoutReordering(fact.name)}</dt>
          <dd>{withoutReordering(fact.value)}</dd>
        </div>
      ))}
    </dl>
  );
}
