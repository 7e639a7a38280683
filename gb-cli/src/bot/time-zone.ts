/** The time zone of this machine; what words like "tomorrow" of a schedule mean to whoever publishes from it. */
export const localTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
