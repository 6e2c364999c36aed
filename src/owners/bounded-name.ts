/** Names that others have chosen, short enough for a line of output. */
import { asciiText } from '../text/ascii.js';

/** As they are shown, in ASCII: a path may have 4,096 bytes, and six characters for each. */
const LONGEST = 256;
const MARK = '...';

/** As it is, where that is short; else both its ends. A copy, which keeps no longer text in memory. */
export function boundedName(text: string): string {
  const room = LONGEST - MARK.length;
  const isShort = text.length <= LONGEST && asciiText(text).length <= LONGEST;
  const characters = isShort ? [] : [...text];
  const head = fitting(characters, Math.ceil(room / 2));
  const tail = fitting(characters.reverse(), Math.floor(room / 2)).reverse();
  return Buffer.from(isShort ? text : [...head, MARK, ...tail].join('')).toString();
}

/** The first of them, as many as fit. */
function fitting(characters: readonly string[], room: number): string[] {
  let left = room;
  const tooMany = characters.findIndex((character) => {
    left -= asciiText(character).length;
    return left < 0;
  });
  return characters.slice(0, tooMany < 0 ? undefined : tooMany);
}
