/** What a packet begins with. */
export type LinkLayer = 'ethernet' | 'ip';

/** enum link_layer (bpf/pping.h) */
export const LINK_LAYER = { ethernet: 0, ip: 1 } as const satisfies Record<LinkLayer, number>;
