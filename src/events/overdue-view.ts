/** A record of overdue data, read where it lies. */
import { LITTLE } from '../core/endianness.js';
import { OVERDUE_EVENT } from '../core/layouts.js';
import { HeaderView } from './header-view.js';
import { sideIn } from './hook-flags.js';
import type { OverdueEvent } from './types.js';

export class OverdueView extends HeaderView implements OverdueEvent {
  readonly type = 'overdue';

  override on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    this.check(OVERDUE_EVENT.waited);
    return this;
  }

  get waited(): number {
    return this.number(OVERDUE_EVENT.waited);
  }
  get matchOnEgress(): boolean | undefined {
    return sideIn(this.bytes.getUint32(this.offset + OVERDUE_EVENT.flags, LITTLE));
  }
}
