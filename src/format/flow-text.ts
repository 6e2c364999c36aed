/** A flow's text, rendered once per direction and remembered by cookie. */
import type { KernelEvent } from '../events/types.js';

/** Bounds the memory; beyond it the flow remembered longest is rendered again. */
const MAX_FLOWS = 65_536;

interface Rendered {
  readonly event: KernelEvent;
  readonly text: string;
}

export class FlowText {
  readonly #render: (event: KernelEvent) => string;
  readonly #byFlow = new Map<number, Rendered[]>();

  constructor(render: (event: KernelEvent) => string) {
    this.#render = render;
  }

  /** The text of the event's flow, source first. */
  of(event: KernelEvent): string {
    let rendered = this.#byFlow.get(event.flowId);
    if (!rendered) {
      rendered = [];
      this.#remember(event.flowId, rendered);
    }
    for (const known of rendered) {
      if (isSameWayRound(known.event, event)) return known.text;
    }
    const text = this.#render(event);
    rendered.push({ event, text });
    return text;
  }

  #remember(flowId: number, rendered: Rendered[]): void {
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
function isSameWayRound(a: KernelEvent, b: KernelEvent): boolean {
  if (a.srcPort !== b.srcPort) return false;
  if (a.srcPort !== b.destPort) return true;
  return Buffer.compare(a.srcAddress, b.srcAddress) === 0;
}
