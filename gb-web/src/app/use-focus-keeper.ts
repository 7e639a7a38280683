import { useEffect } from 'react';

/** Dialogs and pages that come next have this long to take the focus themselves. */
const graceMs = 120;

/**
 * What has the focus can go away: a row is edited and saved, a pane closes, a message is deleted by somebody else. The
 * browser then leaves the focus nowhere, and whoever works by keyboard starts over at the top of the page. Here it moves
 * to what is nearest to where it was.
 */
export function useFocusKeeper(): void {
  useEffect(() => {
    let last: HTMLElement | null = null;
    let around: HTMLElement[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;

    // What stood around it is remembered now: once taken out of the page it can no longer be asked.
    const onFocusIn = (event: FocusEvent): void => {
      if (!(event.target instanceof HTMLElement)) return;
      last = event.target;
      around = [];
      for (let element = last.parentElement; element; element = element.parentElement) around.push(element);
    };
    const isLost = (): boolean => last !== null && !last.isConnected && document.activeElement === document.body;
    const observer = new MutationObserver(() => {
      if (!isLost()) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (isLost()) nearestPlace(around)?.focus({ preventScroll: true });
      }, graceMs);
    });

    document.addEventListener('focusin', onFocusIn);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener('focusin', onFocusIn);
      observer.disconnect();
      clearTimeout(timer);
    };
  }, []);
}

/** The row, list or pane it was in; else where one writes; else the middle of the page. */
function nearestPlace(around: readonly HTMLElement[]): HTMLElement | null {
  const main = document.getElementById('main');
  const own = around.find((element) => element.isConnected && element !== main && element.hasAttribute('tabindex'));
  if (own) return own;
  // On a phone the focus in a text field opens the keyboard, which nobody asked for.
  const field = window.matchMedia('(pointer: fine)').matches ? main?.querySelector<HTMLElement>('.composer textarea') : null;
  return field ?? main;
}
