/** Whether something has grown beyond its bound (bounds.ts). */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { type Bound, FOUND_WITH, MARGIN, MARGIN_ELSEWHERE } from './bounds.js';

const WHERE = 'test/helpers/kernel/bounds.ts';

/** Throws an Error that says what has grown, from what to what. @param margin as a share of what it was */
export function holdTo(name: string, { was, why }: Bound, value: number, margin: number): void {
  if (value <= was * (1 + margin)) return;
  const grown = `${name}: grew from ${was} to ${value} (+${percent(value / was - 1)})`;
  const allowed = margin === 0 ? 'nothing more is let pass' : `${percent(margin)} is let pass`;
  throw new Error(
    `${grown}; ${allowed}. Why it is bounded: ${why}. If it is worth it, set the bound in ${WHERE}.`,
  );
}

/** For what the compiler and the kernel's verifier have a part in. @param object the path of the compiled object */
export function marginOf(object: string): number {
  const isSame = compilerOf(object) === FOUND_WITH.clang && kernelSeries() === FOUND_WITH.kernel;
  return isSame ? MARGIN : MARGIN_ELSEWHERE;
}

/** clang's major version, which it leaves in debugging information. */
export function compilerOf(object: string): string | undefined {
  return /clang version (\d+)\./.exec(readFileSync(object, 'latin1'))?.[1];
}

function kernelSeries(): string {
  return release().split('.', 2).join('.');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
