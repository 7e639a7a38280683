const storageKey = 'gb.reloadedAt';
const onceInMs = 30_000;

/**
 * A new version on the server takes the files of the old one away. A part of the page that is then asked for is not
 * there any more, and the answer is the new page. Once in a while only, so that a part that is truly broken does not
 * make the page reload for ever; drafts and the outbox outlive it.
 */
export function reloadWhenReplaced(): void {
  window.addEventListener('vite:preloadError', (event) => {
    if (Date.now() - Number(sessionStorage.getItem(storageKey) ?? 0) < onceInMs) return;
    sessionStorage.setItem(storageKey, String(Date.now()));
    event.preventDefault();
    window.location.reload();
  });
}
