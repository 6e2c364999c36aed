/** Texts that are other people's, in ASCII: a chunk takes nothing else, and no terminal obeys it. */

/** A JSON string without a byte beyond ASCII. */
export function asciiJson(text: string): string {
  return JSON.stringify(text).replace(/[\u0080-\uffff]/g, escaped);
}

/** As it is, where it can be printed: systemd's own backslashes stay. Else as in JSON. */
export function asciiText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, escaped);
}

/** Controls of ASCII but for the newline, those of Latin-1, and what turns text around or breaks a line in Unicode. */
const OBEYED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Lines of our own that may have such texts in them: as they are, but for what a terminal would obey. */
export function harmless(text: string): string {
  return text.replace(OBEYED, escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
