import { useCallback, useEffect, useState } from 'react';

/** Data a screen loads when it opens. `reload` asks again and keeps showing what there was. */
export interface Loaded<T> {
  readonly value: T | null;
  readonly error: unknown;
  readonly reload: () => void;
  readonly set: (value: T) => void;
}

/** `key` names what is loaded: another key forgets the old value, and an answer to an old question is dropped. */
export function useLoaded<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value: T | null; error: unknown }>({ key, value: null, error: null });
  const [round, setRound] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what `load` closes over
  useEffect(() => {
    let isCurrent = true;
    setState((before) => (before.key === key ? { ...before, error: null } : { key, value: null, error: null }));
    load().then(
      (value) => isCurrent && setState({ key, value, error: null }),
      (error: unknown) => isCurrent && setState((before) => ({ key, value: before.key === key ? before.value : null, error })),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, round]);

  const reload = useCallback(() => setRound((n) => n + 1), []);
  const set = useCallback((value: T) => setState({ key, value, error: null }), [key]);
  return { value: state.key === key ? state.value : null, error: state.error, reload, set };
}
