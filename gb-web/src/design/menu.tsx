import type { ReactElement, ReactNode } from 'react';
import { Menu as AriaMenu, Keyboard, MenuItem, MenuTrigger, Popover, Separator, Text } from 'react-aria-components';

export interface MenuAction {
  readonly id: string;
  readonly label: string;
  readonly icon?: ReactNode;
  readonly shortcut?: string;
  readonly isDangerous?: boolean;
  readonly startsGroup?: boolean;
  readonly onAction: () => void;
}

export function ActionMenu({
  trigger,
  label,
  actions,
  onOpenChange,
}: {
  trigger: ReactElement;
  label: string;
  actions: readonly MenuAction[];
  onOpenChange?: (isOpen: boolean) => void;
}) {
  return (
    <MenuTrigger {...(onOpenChange ? { onOpenChange } : {})}>
      {trigger}
      <Popover className="popover menu-popover" offset={4} placement="bottom end">
        <AriaMenu className="menu" aria-label={label} onAction={(id) => actions.find((action) => action.id === id)?.onAction()}>
          {actions.flatMap((action) => [
            action.startsGroup ? <Separator key={`${action.id}:line`} className="menu-line" /> : null,
            <MenuItem
              key={action.id}
              id={action.id}
              textValue={action.label}
              className={`menu-item${action.isDangerous ? ' is-dangerous' : ''}`}
            >
              {action.icon}
              <Text slot="label">{action.label}</Text>
              {action.shortcut ? <Keyboard>{action.shortcut}</Keyboard> : null}
            </MenuItem>,
          ])}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
