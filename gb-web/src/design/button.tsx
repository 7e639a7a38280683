import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps, Tooltip, TooltipTrigger } from 'react-aria-components';

export type Tone = 'primary' | 'plain' | 'quiet' | 'danger';

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'style'> {
  readonly tone?: Tone;
  readonly size?: 'small' | 'normal' | 'large';
  readonly icon?: ReactNode;
  readonly iconAfter?: ReactNode;
  readonly children?: ReactNode;
  readonly wide?: boolean;
}

export function Button({ tone = 'plain', size = 'normal', icon, iconAfter, children, wide, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={`button button-${tone} button-${size}${wide ? ' button-wide' : ''}`}>
      {icon}
      {children === undefined ? null : <span className="truncate">{children}</span>}
      {iconAfter}
    </AriaButton>
  );
}

export interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'style' | 'aria-label'> {
  readonly label: string;
  readonly shortcut?: string;
  readonly children: ReactNode;
  readonly size?: 'small' | 'normal';
  readonly isActive?: boolean;
}

/** A button that shows only an icon: its name is in a tooltip and read by screen readers. */
export function IconButton({ label, shortcut, children, size = 'normal', isActive, ...rest }: IconButtonProps) {
  return (
    <TooltipTrigger delay={400} closeDelay={0}>
      <AriaButton {...rest} aria-label={label} className={`icon-button icon-button-${size}${isActive ? ' is-active' : ''}`}>
        {children}
      </AriaButton>
      <Tooltip className="tooltip" offset={6}>
        {label}
        {shortcut ? <kbd>{shortcut}</kbd> : null}
      </Tooltip>
    </TooltipTrigger>
  );
}
