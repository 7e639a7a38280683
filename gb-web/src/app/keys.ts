const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** How the key is called on this machine: "⌘" or "Ctrl+". */
export const modifierKey = isMac ? '⌘' : 'Ctrl+';
export const altKey = isMac ? '⌥' : 'Alt+';
export const shiftKey = isMac ? '⇧' : 'Shift+';
