import { createContext, use } from 'react';

export type Overlay = 'switcher' | 'shortcuts';

/** Opens what floats above the workspace, from anywhere in it. */
export const CommandContext = createContext<(overlay: Overlay) => void>(() => {});

export function useOverlay(): (overlay: Overlay) => void {
  return use(CommandContext);
}
