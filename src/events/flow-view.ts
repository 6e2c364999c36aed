/** A record of a flow's opening or closing, read where it lies. */
import {
  FLOW_CHANGE,
  FLOW_EVENT,
  FLOW_REASON,
  FLOW_TRIGGER,
  LOSSES,
  SPIN,
  UNMEASURED,
} from '../core/layouts.js';
import type { Anonymizer } from './anonymizer.js';
import { named, namesByCode } from './header-view.js';
import {
  CHANGE_NAMES,
  type FlowChange,
  type FlowReason,
  type FlowTrigger,
  REASON_NAMES,
  SPIN_NAMES,
  type Spin,
  TRIGGER_NAMES,
  UNMEASURED_NAMES,
  type Unmeasured,
} from './names.js';
import { TrafficView } from './traffic-view.js';
import type { FlowEvent } from './types.js';

const CHANGES = namesByCode(FLOW_CHANGE, CHANGE_NAMES);
const REASONS = namesByCode(FLOW_REASON, REASON_NAMES);
const TRIGGERS = namesByCode(FLOW_TRIGGER, TRIGGER_NAMES);
const { not: MEASURED, ...WHY } = UNMEASURED;
const { not: NO_QUIC, ...SPINS } = SPIN;
const SPIN_VERDICTS = namesByCode(SPINS, SPIN_NAMES);
const UNMEASURED_REASONS = namesByCode(WHY, UNMEASURED_NAMES);

const FLOW_NUMBERS = [
  FLOW_EVENT.sentPackets,
  FLOW_EVENT.sentBytes,
  FLOW_EVENT.recPackets,
  FLOW_EVENT.recBytes,
  FLOW_EVENT.sentLosses + LOSSES.retransmittedBytes,
  FLOW_EVENT.recLosses + LOSSES.retransmittedBytes,
];

export class FlowView extends TrafficView implements FlowEvent {
  readonly type = 'flow';
  change: FlowChange = 'opening';
  reason: FlowReason = 'SYN';
  triggeredBy: FlowTrigger = 'src';
  unmeasuredSrc: Unmeasured | undefined;
  unmeasuredDest: Unmeasured | undefined;
  spin: Spin | undefined;

  constructor(anonymizer: Anonymizer | undefined) {
    super(FLOW_EVENT, anonymizer);
  }

  override on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    this.checkAll(FLOW_NUMBERS);
    this.change = named('flow change', CHANGES, bytes.getUint8(offset + FLOW_EVENT.change));
    this.reason = named('reason', REASONS, bytes.getUint8(offset + FLOW_EVENT.reason));
    this.triggeredBy = named('trigger', TRIGGERS, bytes.getUint8(offset + FLOW_EVENT.trigger));
    this.unmeasuredSrc = whyUnmeasured(bytes.getUint8(offset + FLOW_EVENT.unmeasuredSrc));
    this.unmeasuredDest = whyUnmeasured(bytes.getUint8(offset + FLOW_EVENT.unmeasuredDest));
    this.spin = spinIn(bytes.getUint8(offset + FLOW_EVENT.spin));
    return this;
  }
}

function whyUnmeasured(code: number): Unmeasured | undefined {
  return code === MEASURED ? undefined : named('reason', UNMEASURED_REASONS, code);
}

function spinIn(code: number): Spin | undefined {
  return code === NO_QUIC ? undefined : named('spin', SPIN_VERDICTS, code);
}
