/** The part that is used: the whole package brings three others, and reads all at its start. */
declare module 'prom-client/lib/registry.js' {
  export { Registry as default } from 'prom-client';
}
