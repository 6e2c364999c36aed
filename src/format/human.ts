/** One line an event, in the shape of the classic pping. */
import { Chalk, type ChalkInstance } from 'chalk';
import type { AttributionOf } from '../attribution/owner.js';
import { isClosing, PerFlow } from '../events/per-flow.js';
import type { CaptureOf } from '../events/places.js';
import type {
  Event,
  FlowEvent,
  KernelEvent,
  LossEvent,
  OverdueEvent,
  RttEvent,
} from '../events/types.js';
import { ALARMING_RATIO, NOTABLE_RATIO } from '../summary/severity.js';
import { endpointText } from '../text/address.js';
import { count, milliseconds } from '../text/units.js';
import { attributionText } from './attribution.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import type { Formatter } from './formatter.js';

/** Texts of a flow. */
interface FlowTexts {
  readonly ends: string;
  /** Whose it is, or in which capture; with the spaces before it, '' where nothing is known. */
  readonly attribution: string;
}

export class HumanFormatter implements Formatter {
  readonly #clock: Clock;
  readonly #paint: ChalkInstance;
  readonly #flows: PerFlow<FlowTexts>;

  constructor(clock: Clock, color: boolean, attributionOf?: AttributionOf, captureOf?: CaptureOf) {
    this.#clock = clock;
    this.#flows = new PerFlow((event) => flowTexts(event, attributionOf, captureOf));
    this.#paint = new Chalk({ level: color ? 1 : 0 });
  }

  format(event: Event, chunk: Chunk): void {
    // Nothing has happened: the summary has it.
    if (event.type === 'flow' && event.change === 'unmeasured') return;
    chunk.append(
      `${this.#paint.dim(this.#clock.timeOfDay(event.timestamp))}  ${this.#text(event)}\n`,
    );
    if (isClosing(event)) this.#flows.close(event.flowId);
  }

  refresh(flowId: number): void {
    this.#flows.forget(flowId);
  }

  #text(event: Event): string {
    if (event.type === 'rtt') return this.#rtt(event);
    if (event.type === 'flow') return this.#flow(event);
    if (event.type === 'overdue') return this.#overdue(event);
    return this.#loss(event);
  }

  #rtt(event: RttEvent): string {
    const color = this.#colorOf(event.rtt / event.minRtt);
    const { ends, attribution } = this.#flows.of(event);
    return `${color(milliseconds(event.rtt))}  ${milliseconds(event.minRtt)}  ${ends}${attribution}${heldText(event)}`;
  }

  #flow(event: FlowEvent): string {
    const { change, reason, triggeredBy } = event;
    const text = `${change} due to ${reason} from ${triggeredBy}`;
    const { ends, attribution } = this.#flows.of(event);
    return `${ends} ${this.#paint.cyan(text)}${attribution}`;
  }

  #overdue(event: OverdueEvent): string {
    const { ends, attribution } = this.#flows.of(event);
    const text = `no answer for ${milliseconds(event.waited)}`;
    return `${this.#paint.red(text)}  ${ends}${attribution}`;
  }

  #loss(event: LossEvent): string {
    const { lostRtts, lostFlowEvents } = event;
    const what = `${count(lostRtts, 'RTT')} and ${count(lostFlowEvents, 'flow event')}`;
    return this.#paint.red(`lost ${what}: ring buffer full`);
  }

  #colorOf(ratio: number): ChalkInstance {
    if (ratio >= ALARMING_RATIO) return this.#paint.red;
    return ratio >= NOTABLE_RATIO ? this.#paint.yellow : this.#paint.green;
  }
}

/** Behind everything else, so that the columns stay where they are. */
function heldText({ samples, intervalMinRtt }: RttEvent): string {
  return samples > 1 ? `  (least of ${samples}: ${milliseconds(intervalMinRtt)})` : '';
}

function flowTexts(
  event: KernelEvent,
  attributionOf: AttributionOf | undefined,
  captureOf: CaptureOf | undefined,
): FlowTexts {
  const capture = captureOf?.(event.place);
  const attribution = capture ?? attributionText(attributionOf?.(event), event.ipVersion);
  return { ends: endsText(event), attribution: attribution && `  ${attribution}` };
}

function endsText(event: KernelEvent): string {
  const { protocol, srcAddress, srcPort, destAddress, destPort, ipVersion } = event;
  const src = endpointText(srcAddress, srcPort, ipVersion);
  const dest = endpointText(destAddress, destPort, ipVersion);
  return `${protocol} ${src}+${dest}`;
}
