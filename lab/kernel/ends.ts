import type { End } from './packets.js';

export const CLIENT: End = { address: '10.0.0.1', port: 40000 };
export const SERVER: End = { address: '10.0.0.2', port: 443 };
export const CLIENT6: End = { address: 'fd00::1', port: 40000 };
export const SERVER6: End = { address: 'fd00::2', port: 443 };
