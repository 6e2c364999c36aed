// The monitor's memory and descriptors, looked at again and again.
import type { Evidence } from './checks.js';
import { type Descriptors, descriptorsOf } from './descriptors.js';
import { residentKib } from './process.js';
import { floorSlope, type Point } from './slope.js';

export class Vitals {
  readonly #pid: number;
  readonly #started = performance.now();
  readonly #resident: Point[] = [];

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Minutes since the start. */
  get time(): number {
    return (performance.now() - this.#started) / 60_000;
  }

  get descriptors(): Descriptors {
    return descriptorsOf(this.#pid);
  }

  /** @returns resident memory now, in KiB */
  look(): number {
    const value = residentKib(this.#pid);
    this.#resident.push({ time: this.time, value });
    return value;
  }

  /** Resident memory from so many minutes on: KiB a minute, and its ends. */
  memory(from: number): Pick<Evidence, 'memory' | 'memoryMinutes' | 'residentKib'> {
    const points = this.#resident.filter(({ time }) => time >= from);
    const [first, last] = [points[0]?.value ?? NaN, points.at(-1)?.value ?? NaN];
    const most = Math.max(...this.#resident.map(({ value }) => value));
    const memoryMinutes = (points.at(-1)?.time ?? 0) - from;
    return {
      memory: floorSlope(points, BLOCKS),
      memoryMinutes,
      residentKib: { first, last, most },
    };
  }
}

const BLOCKS = 12;
