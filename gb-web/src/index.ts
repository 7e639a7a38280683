/** Where the built application lies, for the server that hands it out: index.html and hashed files under assets/. */
export const distUrl = new URL('../dist/', import.meta.url);
