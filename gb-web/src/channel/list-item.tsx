import { memo, type ReactNode } from 'react';
import { useDates } from '../i18n/dates.ts';
import { useT } from '../i18n/index.ts';
import { GrowingRow } from './growing-row.tsx';
import type { Item } from './message-list.tsx';
import { MessageRow } from './message-row.tsx';
import { OutgoingRow } from './outgoing-row.tsx';

export interface ListItemProps {
  readonly item: Item;
  readonly isActive: boolean;
  readonly isHighlighted: boolean;
  readonly isEditing: boolean;
  readonly isAnswerable: boolean;
  readonly beginning: ReactNode;
  readonly onActivate: (key: string) => void;
}

/** Redrawn only when something about it changed: a list under a hundred messages a second touches its new rows only. */
export const ListItemView = memo(function ListItemView(props: ListItemProps) {
  const { item } = props;
  switch (item.kind) {
    case 'beginning':
      return props.beginning;
    case 'day':
      return <DayLine at={item.at} />;
    case 'new':
      return <NewLine />;
    case 'pending':
      return <OutgoingRow outgoing={item.pending} isFirst={item.isFirst} isActive={props.isActive} />;
    case 'growing':
      return <GrowingRow growing={item.growing} isFirst={item.isFirst} />;
    case 'message':
      return (
        <MessageRow
          message={item.message}
          itemKey={item.key}
          isFirst={item.isFirst}
          isActive={props.isActive}
          isHighlighted={props.isHighlighted}
          isEditing={props.isEditing}
          isAnswerable={props.isAnswerable}
          onActivate={props.onActivate}
        />
      );
  }
}, sameProps);

/** A day or new line is rebuilt with every arrangement and means the same under the same key. */
function sameProps(before: ListItemProps, after: ListItemProps): boolean {
  if (
    before.isActive !== after.isActive ||
    before.isHighlighted !== after.isHighlighted ||
    before.isEditing !== after.isEditing ||
    before.isAnswerable !== after.isAnswerable
  )
    return false;
  const [a, b] = [before.item, after.item];
  if (a.kind !== b.kind || a.key !== b.key) return false;
  if (a.kind === 'message' && b.kind === 'message') return a.message === b.message && a.isFirst === b.isFirst;
  if (a.kind === 'pending' && b.kind === 'pending') return a.pending === b.pending && a.isFirst === b.isFirst;
  if (a.kind === 'growing' && b.kind === 'growing') return a.growing === b.growing && a.isFirst === b.isFirst;
  return a.kind !== 'beginning' || before.beginning === after.beginning;
}

function DayLine({ at }: { at: number }) {
  const dates = useDates();
  return (
    <div className="day-line">
      <time dateTime={new Date(at).toISOString()}>{dates.day(at)}</time>
    </div>
  );
}

function NewLine() {
  const t = useT();
  return (
    <div className="new-line">
      <span>{t('list.new')}</span>
    </div>
  );
}
