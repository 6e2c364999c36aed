/**
 * What a process tells the one that it begins anew as: by a variable of the environment, for this process and for none
 * that it starts.
 */
import { deserialize, serialize } from 'node:v8';

const VARIABLE = 'PPING_HANDED_OVER';
/** Of a variable with its name (linux/binfmts.h, MAX_ARG_STRLEN); some of it for the name. */
const MOST_BYTES = (128 << 10) - 32;

export interface HandedOver<Needed, Known> {
  readonly needed: Needed;
  /** Undefined where there was no room for it. */
  readonly known: Known | undefined;
}

/** @param known what can be found out once more: left out where there is no room for it */
export function handOver<Needed, Known>(needed: Needed, known: Known): void {
  const all = textOf({ needed, known });
  process.env[VARIABLE] = all.length <= MOST_BYTES ? all : textOf({ needed, known: undefined });
}

export function takeBack(): void {
  delete process.env[VARIABLE];
}

/** What was handed over, once; undefined where this is the beginning. */
export function takeHandedOver<Needed, Known>(): HandedOver<Needed, Known> | undefined {
  const text = process.env[VARIABLE];
  if (text === undefined) return undefined;
  takeBack();
  const { pid, ...handed } = deserialize(Buffer.from(text, 'base64'));
  return pid === process.pid ? handed : undefined;
}

function textOf(handed: HandedOver<unknown, unknown>): string {
  return serialize({ pid: process.pid, ...handed }).toString('base64');
}
