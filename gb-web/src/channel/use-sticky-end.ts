import { type RefObject, useCallback, useEffect, useRef } from 'react';

const edgePx = 80;
/** How long after a gesture a scroll is taken for its effect; momentum of a flick lasts about that long. */
const gestureMs = 1_000;

/**
 * Whether the end of the list is held in sight. It is let go only by a person: rows that come, go or turn out taller
 * move the end away as well, and that is no wish to stay behind.
 */
export function useStickyEnd(scroller: RefObject<HTMLElement | null>, setAtEnd: (isAtEnd: boolean) => void) {
  const gestureAt = useRef(Number.NEGATIVE_INFINITY);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onGesture = (event: Event): void => {
      if (event instanceof WheelEvent && event.deltaY >= 0) return;
      gestureAt.current = performance.now();
    };
    // A scroll bar that is dragged says where it began and nothing more until it is let go.
    const onDown = (event: PointerEvent): void => {
      if (event.target === element) gestureAt.current = Number.POSITIVE_INFINITY;
    };
    const onUp = (): void => {
      if (gestureAt.current === Number.POSITIVE_INFINITY) gestureAt.current = performance.now();
    };
    element.addEventListener('pointerdown', onDown);
    window.addEventListener('pointerup', onUp);
    const kinds = ['wheel', 'touchmove', 'keydown'] as const;
    for (const kind of kinds) element.addEventListener(kind, onGesture, { passive: true });
    return () => {
      element.removeEventListener('pointerdown', onDown);
      window.removeEventListener('pointerup', onUp);
      for (const kind of kinds) element.removeEventListener(kind, onGesture);
    };
  }, [scroller]);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    if (element.scrollHeight - element.scrollTop - element.clientHeight < edgePx) setAtEnd(true);
    else if (performance.now() - gestureAt.current < gestureMs) setAtEnd(false);
  }, [scroller, setAtEnd]);

  const holdEnd = useCallback(() => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [scroller]);

  return { onScroll, holdEnd };
}
