/** Words that belong to no option. */
import { statSync } from 'node:fs';
import { interfaceNames } from '../interface-names.js';

/** What to say of a word that means nothing where it is. */
export function unknownText(word: string): string {
  const question = `what is ${JSON.stringify(word)}?`;
  if (interfaceNames().includes(word)) return `${question} Did you mean -i ${word}?`;
  if (isFile(word)) return `${question} Did you mean -r ${word}?`;
  return `${question} An interface: -i; a capture: -r`;
}

/** Also a pipe or a device, but no directory. */
export function isFile(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch {
    return false; // not there, or not ours to look at
  }
}
