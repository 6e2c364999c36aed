/** The fields of a line, which may be anything. */

export type Fields = { readonly [name: string]: unknown };

/** Of what is in a field; none where that is no object. */
export function fieldsIn(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

export function nameIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** 0 where it is something else, or absent. */
export function wholeIn(value: unknown): number {
  return isWhole(value) ? value : 0;
}

/** It is not named where all is TCP. */
export function protocolIn({ protocol }: Fields): string {
  return nameIn(protocol) ?? 'TCP';
}
