import { X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { IconButton } from '../design/button.tsx';
import { useT } from '../i18n/index.ts';

/** Short sentences at the lower edge, some with one thing to do about them. At most three; the oldest makes room. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'info' | 'danger';
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();
const toastsMax = 3;
const focusedMs = 1_000;

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export function showToast(
  text: string,
  options: { tone?: Toast['tone']; action?: Toast['action']; forMs?: number } = {},
): number {
  const id = nextId++;
  set([...toasts, { id, text, tone: options.tone ?? 'info', action: options.action ?? null }].slice(-toastsMax));
  expire(id, options.forMs ?? 5_000);
  return id;
}

export function dismissToast(id: number): void {
  if (toasts.some((toast) => toast.id === id)) set(toasts.filter((toast) => toast.id !== id));
}

/** Not while somebody is on their way through it by keyboard: what has the focus stays. */
function expire(id: number, afterMs: number): void {
  setTimeout(() => {
    if (document.activeElement?.closest('.toasts')) expire(id, focusedMs);
    else dismissToast(id);
  }, afterMs);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const t = useT();
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <section className="toasts" aria-label={t('toast.region')} aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} className={`toast toast-${toast.tone}`}>
          <span className="toast-text">{toast.text}</span>
          {toast.action ? (
            <button
              type="button"
              className="toast-action"
              onClick={() => {
                toast.action?.run();
                dismissToast(toast.id);
              }}
            >
              {toast.action.label}
            </button>
          ) : null}
          <IconButton size="small" label={t('common.close')} onPress={() => dismissToast(toast.id)}>
            <X size={16} aria-hidden />
          </IconButton>
        </div>
      ))}
    </section>
  );
}
