/** What a flow's two ends have sent, read where it is. */
import * as machine from '../core/endianness.js';
import { LOSSES } from '../core/layouts.js';
import type { Anonymizer } from './anonymizer.js';
import { HeaderView, numberAt } from './header-view.js';
import type { Losses, Traffic } from './types.js';

const { LITTLE } = machine;

/** Of an event whose traffic begins at these offsets. */
type TrafficOffsets = Readonly<Record<keyof Traffic, number>>;

export abstract class TrafficView extends HeaderView implements Traffic {
  readonly #at: TrafficOffsets;
  readonly #sent = new LossesView();
  readonly #received = new LossesView();

  constructor(at: TrafficOffsets, anonymizer: Anonymizer | undefined) {
    super(anonymizer);
    this.#at = at;
  }

  get sentPackets(): number {
    return this.number(this.#at.sentPackets);
  }
  get sentBytes(): number {
    return this.number(this.#at.sentBytes);
  }
  get recPackets(): number {
    return this.number(this.#at.recPackets);
  }
  get recBytes(): number {
    return this.number(this.#at.recBytes);
  }
  get sentLosses(): Losses {
    return this.#sent.on(this.bytes, this.offset + this.#at.sentLosses);
  }
  get recLosses(): Losses {
    return this.#received.on(this.bytes, this.offset + this.#at.recLosses);
  }

  protected checkAll(fields: readonly number[]): void {
    for (let at = 0; at < fields.length; at++) this.check(fields[at] as number);
  }
}

/** What one end has sent, from LOSSES on. */
class LossesView implements Losses {
  #bytes: DataView = new DataView(new ArrayBuffer(LOSSES.size));
  #offset = 0;

  on(bytes: DataView, offset: number): this {
    this.#bytes = bytes;
    this.#offset = offset;
    return this;
  }

  get retransmittedPackets(): number {
    return this.#short(LOSSES.retransmittedPackets);
  }
  get retransmittedBytes(): number {
    return numberAt(this.#bytes, this.#offset + LOSSES.retransmittedBytes);
  }
  get reorderedPackets(): number {
    return this.#short(LOSSES.reorderedPackets);
  }
  get duplicateAcks(): number {
    return this.#short(LOSSES.duplicateAcks);
  }
  get zeroWindows(): number {
    return this.#short(LOSSES.zeroWindows);
  }

  #short(field: number): number {
    return this.#bytes.getUint32(this.#offset + field, LITTLE);
  }
}
