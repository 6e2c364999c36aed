/** A flow's text, rendered once per direction and remembered by cookie. */
import type { KernelEvent } from '../events/types.js';

/** Bounds the memory; beyond it the flow remembered longest is rendered again. */
const MAX_FLOWS = 65_536;

interface Rendered<Text> {
  readonly srcPort: number;
  readonly srcAddress: Uint8Array;
  readonly text: Text;
}

export class FlowText<Text> {
  readonly #render: (event: KernelEvent) => Text;
  readonly #byFlow = new Map<number, Rendered<Text>[]>();

  /** @param render the text, source first */
  constructor(render: (event: KernelEvent) => Text) {
    this.#render = render;
  }

  /** The text of the event's flow. */
  of(event: KernelEvent): Text {
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
