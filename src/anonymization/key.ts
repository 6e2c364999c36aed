/** The key of pseudonyms: as a file has it, or one that nobody has. */
import { randomBytes } from 'node:crypto';
import { KEY_BYTES } from './crypto-pan.js';

const HEX = new RegExp(`^[0-9a-f]{${2 * KEY_BYTES}}\\s*$`, 'i');

/**
 * 32 bytes, or 64 hexadecimal digits, with a line break behind them or not.
 * @returns undefined where it is neither
 */
export function keyIn(content: Uint8Array): Uint8Array | undefined {
  if (content.length === KEY_BYTES) return content;
  const text = Buffer.from(content).toString('latin1');
  return HEX.test(text) ? Buffer.from(text.slice(0, 2 * KEY_BYTES), 'hex') : undefined;
}

export function randomKey(): Uint8Array {
  return randomBytes(KEY_BYTES);
}
