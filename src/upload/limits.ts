/** How much is sent at once, how long it waits, and how much is kept. */

/** Times are in milliseconds, sizes in bytes. */
export interface Limits {
  /** Lines of a batch before compression: it is sent once it has as many. */
  readonly batchBytes: number;
  /** Or once its first line has waited for so long. */
  readonly batchAge: number;
  /** The same while the server takes none: fewer and larger batches wait then. */
  readonly waitingAge: number;
  /** In memory; what does not fit is dropped. */
  readonly buffered: number;
  /** How long a server has for its whole answer. */
  readonly answer: number;
  /** The longest wait after the first failure. It doubles with each further one. */
  readonly firstDelay: number;
  /** Up to this. */
  readonly mostDelay: number;
  /** A server that asks for a longer wait is not waited for longer. */
  readonly mostRetryAfter: number;
  /** How long the end of a run goes on sending. */
  readonly end: number;
  /** Of who can wait, as a replay: after this without an accepted batch it is the end. */
  readonly patience: number;
}

export const LIMITS: Limits = {
  batchBytes: 2 << 20,
  batchAge: 1_000,
  waitingAge: 10_000,
  buffered: 16 << 20,
  answer: 30_000,
  firstDelay: 500,
  mostDelay: 30_000,
  mostRetryAfter: 600_000,
  end: 5_000,
  patience: 60_000,
};
