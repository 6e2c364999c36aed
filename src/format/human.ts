/** One line an event, to be read; or in the shape of the classic pping. */
import { Chalk, type ChalkInstance } from 'chalk';
import type { AttributionOf } from '../attribution/owner.js';
import { hasPorts } from '../events/names.js';
import { isClosing, PerFlow } from '../events/per-flow.js';
import { interfaceText, type SeenAtOf } from '../events/places.js';
import type {
  DnsEvent,
  Event,
  FlowEvent,
  KernelEvent,
  LossEvent,
  OverdueEvent,
  RttEvent,
} from '../events/types.js';
import { ALARMING_RATIO, NOTABLE_RATIO } from '../summary/severity.js';
import { asciiText } from '../text/ascii.js';
import { type HostNames, hostEndpointText, hostText } from '../text/host.js';
import { count, milliseconds } from '../text/units.js';
import { attributionText } from './attribution.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import { rcodeText } from './dns-codes.js';
import type { Formatter } from './formatter.js';

/** Texts of a flow, in the direction of an event. */
interface FlowTexts {
  /** From the event's src to its dest. */
  readonly ends: string;
  /** From the sender of what was answered to the responder, which is the src of an RTT. */
  readonly asked: string;
  /** Where it was seen, and whose it is; with the spaces before each, '' where nothing is known. */
  readonly attribution: string;
  /** Of the names, when it was made. */
  readonly changes: number | undefined;
}

/** Up to 999 ms, columns line up. */
const RTT_WIDTH = '999.999 ms'.length;

/** What a line may have besides its event. */
export interface LineShape {
  readonly color: boolean;
  /** Undefined where it is not found out whose connections are. Not asked for each line. */
  readonly attributionOf?: AttributionOf | undefined;
  /** Undefined where events come from no capture. Not asked for each line. */
  readonly seenAtOf?: SeenAtOf | undefined;
  /** Whether people have to be told the interface, too. */
  readonly areInterfacesSeveral?: (() => boolean) | undefined;
  /** Programs get addresses. Undefined where all do. */
  readonly names?: HostNames | undefined;
}

export interface HumanShape extends LineShape {
  /** The responder comes first in an RTT, as with the classic pping and ePPing; columns are not padded. */
  readonly isClassic?: boolean;
  /** Says at the beginning what the columns are. */
  readonly hasHeading?: boolean | undefined;
}

export class HumanFormatter implements Formatter {
  readonly #clock: Clock;
  readonly #paint: ChalkInstance;
  readonly #rttWidth: number;
  readonly #isClassic: boolean;
  /** Of what is of no flow. */
  readonly #shape: HumanShape;
  readonly #flows: PerFlow<FlowTexts>;
  readonly #names: HostNames | undefined;
  #isHeadingDue: boolean;

  constructor(clock: Clock, shape: HumanShape) {
    this.#clock = clock;
    this.#flows = new PerFlow((event) => flowTexts(event, shape));
    this.#names = shape.names;
    this.#paint = new Chalk({ level: shape.color ? 1 : 0 });
    this.#rttWidth = shape.isClassic ? 0 : RTT_WIDTH;
    this.#isClassic = shape.isClassic ?? false;
    this.#shape = shape;
    this.#isHeadingDue = shape.hasHeading ?? false;
  }

  format(event: Event, chunk: Chunk): void {
    // Nothing has happened: the summary has it.
    if (event.type === 'flow' && event.change === 'unmeasured') return;
    if (event.type === 'dns' && this.#isClassic) return;
    const time = this.#clock.timeOfDay(event.timestamp);
    if (this.#isHeadingDue) chunk.append(this.#heading(time.length));
    chunk.append(`${this.#paint.dim(time)}  ${this.#text(event)}\n`);
    if (isClosing(event)) this.#flows.close(event.flowId);
  }

  refresh(flowId: number): void {
    this.#flows.forget(flowId);
  }

  refreshAll(): void {
    this.#flows.forgetAll();
  }

  #heading(timeWidth: number): string {
    this.#isHeadingDue = false;
    const columns = ['RTT', 'min RTT'].map((name) => name.padStart(this.#rttWidth));
    return `${['time'.padEnd(timeWidth), ...columns, 'sender > responder'].join('  ')}\n`;
  }

  #text(event: Event): string {
    if (event.type === 'rtt') return this.#rtt(event);
    if (event.type === 'flow') return this.#flow(event);
    if (event.type === 'overdue') return this.#overdue(event);
    if (event.type === 'dns') return this.#dns(event);
    return this.#loss(event);
  }

  #rtt(event: RttEvent): string {
    const color = this.#colorOf(event.rtt / event.minRtt);
    const { asked, attribution } = this.#textsOf(event);
    const rtt = color(this.#milliseconds(event.rtt));
    return `${rtt}  ${this.#milliseconds(event.minRtt)}  ${asked}${attribution}${heldText(event)}`;
  }

  #milliseconds(nanoseconds: number): string {
    return milliseconds(nanoseconds).padStart(this.#rttWidth);
  }

  #flow(event: FlowEvent): string {
    const text = this.#isClassic ? classicChangeText(event) : changeText(event);
    const { ends, attribution } = this.#textsOf(event);
    return `${ends} ${this.#paint.cyan(text)}${attribution}`;
  }

  #overdue(event: OverdueEvent): string {
    const { asked, attribution } = this.#textsOf(event);
    const text = `no answer for ${milliseconds(event.waited)}`;
    return `${this.#paint.red(text)}  ${asked}${attribution}`;
  }

  /** The response's code is where RTTs have the least one. */
  #dns(event: DnsEvent): string {
    const { responseTime, waited, rcode = '', truncated, question } = event;
    const { asked, attribution } = flowTexts(event, this.#shape);
    const ends = `${asked}${question ? `  ${question.type} ${question.name}` : ''}${attribution}`;
    if (responseTime === undefined) {
      return `${this.#paint.red(`no answer for ${milliseconds(waited ?? 0)}`)}  ${ends}`;
    }
    const color = rcode === 'NOERROR' ? this.#paint.green : this.#paint.yellow;
    const code = color(rcodeText(rcode).padStart(this.#rttWidth));
    return `${this.#milliseconds(responseTime)}  ${code}  ${ends}${truncated ? '  truncated' : ''}`;
  }

  #loss(event: LossEvent): string {
    const { lostRtts, lostFlowEvents } = event;
    const what = `${count(lostRtts, 'RTT')} and ${count(lostFlowEvents, 'flow event')}`;
    return this.#paint.red(`lost ${what}: ring buffer full`);
  }

  /** Names may have become known since they were made. */
  #textsOf(event: KernelEvent): FlowTexts {
    const texts = this.#flows.of(event);
    if (texts.changes === this.#names?.changes) return texts;
    this.#flows.forget(event.flowId);
    return this.#flows.of(event);
  }

  #colorOf(ratio: number): ChalkInstance {
    if (ratio >= ALARMING_RATIO) return this.#paint.red;
    return ratio >= NOTABLE_RATIO ? this.#paint.yellow : this.#paint.green;
  }
}

function classicChangeText({ change, reason, triggeredBy }: FlowEvent): string {
  return `${change} due to ${reason} from ${triggeredBy}`;
}

/** Of 13 characters at most, of QUIC 12: with any ends of IPv4 the line has 80. */
function changeText({ change, reason, triggeredBy, protocol }: FlowEvent): string {
  // No packet begins pings.
  if (change === 'opening')
    return hasPorts(protocol) ? (OPENINGS[reason] ?? 'opened') : 'first seen';
  return CLOSINGS[reason] ?? `${reason} from ${triggeredBy}`;
}

type Reasons = Partial<Record<FlowEvent['reason'], string>>;

const OPENINGS: Reasons = { SYN: 'opened (SYN)', 'first observed packet': 'already open' };

/** What opens another connection ends the one before. */
const CLOSINGS: Reasons = {
  SYN: 'ports reused',
  Initial: 'ports reused',
  'flow timeout': 'idle timeout',
};

/** Behind everything else, so that the columns stay where they are. */
function heldText({ samples, intervalMinRtt }: RttEvent): string {
  return samples > 1 ? `  (min of ${samples}: ${milliseconds(intervalMinRtt)})` : '';
}

function flowTexts(event: KernelEvent, shape: HumanShape): FlowTexts {
  const { attributionOf, isClassic, names } = shape;
  const changes = names?.changes;
  const attribution = [
    seenAtText(event.place, shape),
    attributionText(attributionOf?.(event), event.ipVersion, names),
  ].filter((text) => text !== '');
  const ends = endsTexts(event, isClassic, names);
  return { ...ends, attribution: attribution.map((text) => `  ${text}`).join(''), changes };
}

/** Only what may differ from line to line: '' where nothing does. */
function seenAtText(place: number, shape: HumanShape): string {
  const seenAt = shape.seenAtOf?.(place);
  if (!seenAt) return '';
  const name = shape.areInterfacesSeveral?.() ? interfaceText(seenAt) : undefined;
  const parts = [seenAt.capture, name && asciiText(name)];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** As tcpdump has them: both ends have the echo's identifier in the place of ports. */
function echoTexts(
  { protocol, srcAddress, srcPort, destAddress, ipVersion }: KernelEvent,
  names?: HostNames,
): Pick<FlowTexts, 'ends' | 'asked'> {
  const src = hostText(srcAddress, ipVersion, names);
  const dest = hostText(destAddress, ipVersion, names);
  return {
    ends: `${protocol} ${src} > ${dest} id ${srcPort}`,
    asked: `${protocol} ${dest} > ${src} id ${srcPort}`,
  };
}

function endsTexts(
  event: KernelEvent,
  isClassic = false,
  names?: HostNames,
): Pick<FlowTexts, 'ends' | 'asked'> {
  const { protocol, srcAddress, srcPort, destAddress, destPort, ipVersion } = event;
  const src = hostEndpointText(srcAddress, srcPort, ipVersion, names);
  const dest = hostEndpointText(destAddress, destPort, ipVersion, names);
  const classic = `${protocol} ${src}+${dest}`;
  if (isClassic) return { ends: classic, asked: classic };
  if (!hasPorts(protocol)) return echoTexts(event, names);
  return { ends: `${protocol} ${src} > ${dest}`, asked: `${protocol} ${dest} > ${src}` };
}
