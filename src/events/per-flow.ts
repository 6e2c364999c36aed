/** A flow's text, rendered once per direction and remembered by cookie. */
import type { KernelEvent } from '../events/types.js';

/** Bounds the memory; beyond it the flow remembered longest is rendered again. */
const MAX_FLOWS = 65_536;

/** Directions of flows in a table in front of the map, by the last bits of their cookies; a power of two. */
const RECENT = 8_192;

interface Recent<Text> {
  readonly flowId: number;
  readonly srcPort: number;
  readonly text: Text;
}

interface Rendered<Text> {
  readonly srcPort: number;
  readonly srcAddress: Uint8Array;
  readonly text: Text;
}

export class FlowText<Text> {
  readonly #render: (event: KernelEvent) => Text;
  readonly #byFlow = new Map<number, Rendered<Text>[]>();
  readonly #recent: (Recent<Text> | undefined)[] = Array(RECENT).fill(undefined);

  /** @param render the text, source first */
  constructor(render: (event: KernelEvent) => Text) {
    this.#render = render;
  }

  /** The text of the event's flow. */
  of(event: KernelEvent): Text {
    const { flowId, srcPort, destPort } = event;
    // Equal ports do not tell the directions apart.
    if (srcPort === destPort) return this.#find(event);
    const place = ((flowId & (RECENT / 2 - 1)) << 1) | (srcPort < destPort ? 1 : 0);
    const recent = this.#recent[place];
    if (recent?.flowId === flowId && recent.srcPort === srcPort) return recent.text;
    const text = this.#find(event);
    this.#recent[place] = { flowId, srcPort, text };
    return text;
  }

  #find(event: KernelEvent): Text {
    let rendered = this.#byFlow.get(event.flowId);
    if (!rendered) {
      rendered = [];
      this.#remember(event.flowId, rendered);
    }
    for (const known of rendered) {
      if (isSameWayRound(known, event)) return known.text;
    }
    const { srcPort, srcAddress } = event;
    const text = this.#render(event);
    rendered.push({ srcPort, srcAddress, text });
    return text;
  }

  #remember(flowId: number, rendered: Rendered<Text>[]): void {
    if (this.#byFlow.size >= MAX_FLOWS) {
      for (const oldest of this.#byFlow.keys()) {
        this.#byFlow.delete(oldest);
        break;
      }
    }
    this.#byFlow.set(flowId, rendered);
  }
}

/** Of one flow's two directions: the ports tell them apart, the addresses only where those are equal. */
function isSameWayRound<Text>(known: Rendered<Text>, event: KernelEvent): boolean {
  if (known.srcPort !== event.srcPort) return false;
  if (known.srcPort !== event.destPort) return true;
  return Buffer.compare(known.srcAddress, event.srcAddress) === 0;
}
