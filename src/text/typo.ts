/** Words as people mistype them. */

/** Whether one letter is wrong, missing or too many, or two neighbours are swapped. Not where they are the same. */
export function isOneTypoFrom(word: string, meant: string): boolean {
  if (word === meant) return false;
  const start = sharedStart(word, meant);
  const [rest, meantRest] = [word.slice(start), meant.slice(start)];
  const end = sharedStart(reversed(rest), reversed(meantRest));
  const wrong = rest.slice(0, rest.length - end);
  const right = meantRest.slice(0, meantRest.length - end);
  if (wrong.length <= 1 && right.length <= 1) return true;
  return wrong.length === 2 && wrong === reversed(right);
}

function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}
