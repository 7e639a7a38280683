import { useSyncExternalStore } from 'react';

/** Below this width the screen shows one column at a time; the style sheets use the same number. */
const phone = '(max-width: 760px)';

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => window.matchMedia(query).matches,
  );
}

export const useIsPhone = (): boolean => useMedia(phone);
