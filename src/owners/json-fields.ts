/** Files in JSON that others write: any of it may be missing, or something else. */

export type JsonFields = { readonly [name: string]: unknown };

/** Undefined where the text is no JSON. */
export function jsonIn(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // it is being written
  }
}

/** None where it is no object. */
export function fieldsOf(value: unknown): JsonFields {
  return typeof value === 'object' && value !== null ? (value as JsonFields) : {};
}

/** Undefined where it is no text, or an empty one. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
