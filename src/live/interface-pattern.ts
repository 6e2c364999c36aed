/**
 * Shell patterns for the names of interfaces, as fnmatch(3) reads them without flags. Not
 * path.matchesGlob() of Node, which Node 20 lacks, nor a package like minimatch: these match paths,
 * where dots and slashes are special and braces are expanded.
 */

/** Whether `word` can be read as a pattern; a backslash alone makes none. */
export function isPattern(word: string): boolean {
  return /[*?[]/.test(word);
}

/** What matches the whole names that `pattern` stands for. */
export function patternMatcher(pattern: string): RegExp {
  const sources = Array.from(pattern.matchAll(PIECE), ({ groups = {} }) => sourceOf(groups));
  return new RegExp(`^${sources.join('')}$`, 'su');
}

/** In brackets: a class, or a character, which a backslash quotes. */
const MEMBER = String.raw`(?:\[:[a-z]+:\]|\\.|(?!\[:[a-z]+:\])[^\]\\])`;
/** A closing bracket that comes first is a member; brackets that do not close are characters. */
const BRACKETS = String.raw`\[(?=(?<not>[!^]?))\k<not>(?<members>(?:\]|${MEMBER})${MEMBER}*)\]`;
const PIECE = new RegExp(String.raw`(?<many>\*+)|(?<one>\?)|${BRACKETS}|\\?(?<character>.)`, 'gsu');
const MEMBERS = /\[:(?<name>[a-z]+):\]|\\?(?<low>.)(?:-\\?(?<high>.))?/gsu;
/** Of ASCII, as in the C locale; those that a name can have. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`\\{-~',
  upper: 'A-Z',
  xdigit: '0-9A-Fa-f',
};

type Groups = Readonly<Record<string, string | undefined>>;

function sourceOf({ many, one, not, members, character = '' }: Groups): string {
  if (many) return '.*';
  if (one) return '.';
  if (members) return bracketSource(members, not !== '');
  return literally(character);
}

function bracketSource(members: string, isNegated: boolean): string {
  const sources = Array.from(members.matchAll(MEMBERS), memberSource);
  return `[${isNegated ? '^' : ''}${sources.join('')}]`;
}

function memberSource({ groups = {} }: RegExpMatchArray): string {
  const { name, low = '', high = low } = groups;
  if (name) return CLASSES[name] ?? '';
  // A range that ends before it begins has no members.
  return codeOf(low) > codeOf(high) ? '' : `${literally(low)}-${literally(high)}`;
}

function literally(character: string): string {
  return `\\u{${codeOf(character).toString(16)}}`;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
