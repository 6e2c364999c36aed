/** What a packet begins with. */
export type LinkLayer = 'ethernet' | 'ip' | 'cooked' | 'cookedV2' | 'family';

/** enum link_layer (bpf/pping.h) */
export const LINK_LAYER = {
  ethernet: 0,
  ip: 1,
  cooked: 2,
  cookedV2: 3,
  family: 4,
} as const satisfies Record<LinkLayer, number>;
