/** Where the built page is: tests run the sources. */
export const ASSETS = new URL('../../dist/src/report/', import.meta.url);
