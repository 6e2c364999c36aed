/** What the live view shows, and the terminal it is shown on. */
import { EventEmitter } from 'node:events';
import type { ReadStream, WriteStream } from 'node:tty';
import { Chalk } from 'chalk';
import type { RowLook } from '../../../src/screen/row.js';
import type { Span } from '../../../src/screen/spans.js';
import { INITIAL, type State } from '../../../src/screen/state.js';

export const MS = 1e6;
export const COLORLESS = new Chalk({ level: 0 });
export const COLORED = new Chalk({ level: 1 });

export function rowLook(overrides: Partial<RowLook> = {}): RowLook {
  const name = overrides.name ?? '192.0.2.1';
  return {
    name,
    subject: name,
    side: 'beyond',
    isClosed: false,
    last: 12 * MS,
    least: 10 * MS,
    median: 11 * MS,
    p99: 20 * MS,
    queueing: 1 * MS,
    samples: 37,
    flows: undefined,
    interfaces: [],
    resent: 0.0034,
    measured: undefined,
    age: 2e9,
    lastMinute: '            ▁▂▃▄▅▆▇█',
    ...overrides,
  };
}

export function stateOf(overrides: Partial<State> = {}): State {
  return { ...INITIAL, ...overrides };
}

export function plainText(spans: readonly Span[]): string {
  return spans.map(([text]) => text).join('');
}

/** What was typed in it is there at once. */
export class FakeKeyboard extends EventEmitter {
  readonly rawModes: boolean[] = [];
  isFlowing = false;

  setRawMode(isRaw: boolean): void {
    this.rawModes.push(isRaw);
  }

  resume(): this {
    this.isFlowing = true;
    return this;
  }

  pause(): this {
    this.isFlowing = false;
    return this;
  }

  type(text: string): void {
    this.emit('data', Buffer.from(text));
  }

  get stream(): ReadStream {
    return this as unknown as ReadStream;
  }
}

export class FakeDisplay extends EventEmitter {
  writableNeedDrain = false;
  written = '';

  constructor(
    public columns: number,
    public rows: number,
  ) {
    super();
  }

  write(text: string): boolean {
    this.written += text;
    return true;
  }

  /** What was written since the last time. */
  take(): string {
    const text = this.written;
    this.written = '';
    return text;
  }

  resize(columns: number, rows: number): void {
    Object.assign(this, { columns, rows });
    this.emit('resize');
  }

  get stream(): WriteStream {
    return this as unknown as WriteStream;
  }
}
