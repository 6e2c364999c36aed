/** Texts that are other people's, in ASCII: a chunk takes nothing else, and no terminal obeys it. */

/** A JSON string without a byte beyond ASCII. */
export function asciiJson(text: string): string {
  return JSON.stringify(text).replace(/[\u0080-\uffff]/g, escaped);
}

/** As it is, where it can be printed: systemd's own backslashes stay. Else as in JSON. */
export function asciiText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
