/** The text of every message with `isSecret`, however long the password was. */
export const hiddenText = '••••';
