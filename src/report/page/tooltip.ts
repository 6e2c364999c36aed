/** A few lines beside the cursor. */
import type uPlot from 'uplot';
import { element } from './dom.js';

const OFFSET_PX = 14;

export class Tooltip {
  readonly #box = element('div', { class: 'tooltip', 'aria-hidden': 'true', hidden: '' });

  /** @param host where charts come and go */
  constructor(host: HTMLElement) {
    host.append(this.#box);
  }

  /** Nothing: hides it. */
  show(plot: uPlot, lines: readonly string[]): void {
    this.#box.hidden = lines.length === 0;
    if (lines.length === 0) return;
    this.#box.replaceChildren(...lines.map((line) => element('div', {}, line)));
    const { left = 0, top = 0 } = plot.cursor;
    const across = plot.over.offsetLeft + left;
    const isRight = left > plot.over.clientWidth / 2;
    const x = isRight ? across - OFFSET_PX - this.#box.offsetWidth : across + OFFSET_PX;
    this.#box.style.translate = `${Math.max(0, x)}px ${plot.over.offsetTop + Math.max(0, top - OFFSET_PX)}px`;
  }
}
