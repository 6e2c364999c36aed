import type { LINK_LAYER } from './layouts.js';

/** What a packet begins with. */
export type LinkLayer = keyof typeof LINK_LAYER;
