/** What became of an attempt to send a batch. */

export type Outcome = { readonly kind: 'accepted' } | Failure;

export type Failure = Retry | Rejection;

/** The server does not take it now, but may later. */
export interface Retry {
  readonly kind: 'retry';
  readonly reason: number | Error;
  /** Of an answer that says what is wrong with it, the first line. */
  readonly line?: string;
  /** Milliseconds that the server has asked for; undefined where it has not. */
  readonly after?: number | undefined;
}

/** The server will never take it. */
export interface Rejection {
  readonly kind: 'rejected';
  readonly status: number;
  /** The first line of the answer; empty where there was none. */
  readonly line: string;
}

const RETRIED = [408, 429];
/** What is wrong is the credentials, the URL, or what should be there: no batch, and somebody can put it right. */
const NOT_OF_BATCH = [401, 403, 404, 405, 407];

/**
 * @param line the first line of the answer
 * @param retryAfter the header, if there is one
 * @param now in milliseconds since the epoch
 */
export function outcomeOf(
  status: number,
  line: string,
  retryAfter: string | undefined,
  now: number,
): Outcome {
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  if (status < 500 && !RETRIED.includes(status)) return { kind: 'rejected', status, line };
  return { kind: 'retry', reason: status, after: waitIn(retryAfter, now) };
}

/** Seconds, or a date (RFC 9110). @returns milliseconds */
function waitIn(retryAfter: string | undefined, now: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d+$/.test(retryAfter.trim())) return Number(retryAfter) * 1000;
  // Date.parse() makes a date of nearly anything that begins with a number.
  const date = /^\s*[A-Za-z]/.test(retryAfter) ? Date.parse(retryAfter) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Of a batch that can wait: what the server says of any is no reason to give up this one. */
export function retryOf({ status, line }: Rejection): Retry | undefined {
  const isOfBatch = status >= 400 && !NOT_OF_BATCH.includes(status);
  return isOfBatch ? undefined : { kind: 'retry', reason: status, line };
}
