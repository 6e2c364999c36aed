/** Where to listen for connections. */
import { parsePrefix } from './prefix.js';

export interface ListenAddress {
  readonly ipVersion: 4 | 6;
  /** 16 bytes, network order; IPv4 is mapped to ::ffff:a.b.c.d. */
  readonly address: Uint8Array;
  readonly port: number;
}

const MOST_PORT = 65_535;

/** `127.0.0.1:9747`, `[::1]:9747`. Throws an Error that says what is wrong. */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:\[(.*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const parsed = parsedAddress(bracketed ?? plain ?? '');
  const isWell = parsed?.ipVersion === (bracketed === undefined ? 4 : 6);
  if (!isWell || port < 1 || port > MOST_PORT) {
    throw new Error(
      `${JSON.stringify(text)} is not an address and a port; write for example 127.0.0.1:9747, [::1]:9747, or 0.0.0.0:9747 for all addresses of this host`,
    );
  }
  return { ipVersion: parsed.ipVersion, address: parsed.address, port };
}

function parsedAddress(text: string) {
  try {
    return text.includes('/') ? undefined : parsePrefix(text);
  } catch {
    return undefined;
  }
}
