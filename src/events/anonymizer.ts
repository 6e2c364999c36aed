/** What stands for addresses in all that is told of them. Views apply it: nothing behind them knows an address as it is. */
import type { AggregateKey, Network } from './aggregate.js';

export interface Anonymizer {
  /**
   * @param address 16 bytes, as of an event
   * @returns likewise; always the same for the same one; not to be changed
   */
  addressOf(address: Uint8Array, ipVersion: 4 | 6): Uint8Array;
  /** The same of a network that the core has counted. */
  networkOf(network: Network): Network;
}

/** @param anonymizer undefined: they stay as they are */
export function anonymizedNetworks<Counted extends AggregateKey>(
  aggregates: Counted[],
  anonymizer: Anonymizer | undefined,
): Counted[] {
  if (!anonymizer) return aggregates;
  return aggregates.map((counted) => {
    const { network } = counted;
    return { ...counted, network: network && anonymizer.networkOf(network) };
  });
}
