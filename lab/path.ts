// A network path of a known delay: client <-> relay <-> server.
import { building } from './cleanup.js';
import {
  clientAddresses,
  configure,
  type Endpoints,
  interfaceName,
  ready,
  serverAddresses,
} from './endpoints.js';
import { createNamespace } from './netns.js';
import { type Faults, type RelayStats, startRelay } from './relay.js';
import { checkRequirements } from './requirements.js';

export interface PathOptions {
  /** One way: the round trip takes twice as long. */
  readonly delayUs: number;
  /** Default: true. */
  readonly ipv6?: boolean;
  /**
   * A file for a capture, taken in the delay line at the client's side, with the times of
   * CLOCK_MONOTONIC: no RTT of the client's can be less than what it shows. Complete up to stats().
   */
  readonly capture?: string;
}

export interface LabPath extends Endpoints {
  /** One way. Resolves when it is in force; frames already on their way keep their deadline. */
  setDelay(us: number): Promise<void>;
  /** Loses frames and puts them out of order, from now on. */
  setFaults(faults: Faults): Promise<void>;
  /** What was really added. a is the client's end, b the server's. */
  stats(): Promise<RelayStats>;
}

export function createPath({ delayUs, ipv6 = true, capture }: PathOptions): Promise<LabPath> {
  return building(async (cleanup) => {
    checkRequirements();
    // Closed in the opposite order: clients first, while there is someone to say goodbye to.
    const relay = await startRelay(delayUs, capture);
    cleanup.add(() => relay.close());
    const server = await createNamespace();
    cleanup.add(() => server.close());
    const client = await createNamespace();
    cleanup.add(() => client.close());

    await relay.moveDevice('a', client.pid, interfaceName);
    await relay.moveDevice('b', server.pid, interfaceName);
    await configure(client, clientAddresses, ipv6);
    await configure(server, serverAddresses, ipv6);
    const path: LabPath = {
      client,
      server,
      interfaceName,
      setDelay: (us) => relay.setDelay(us),
      setFaults: (faults) => relay.setFaults(faults),
      stats: () => relay.stats(),
      close: () => cleanup.run(),
    };
    await ready(path, ipv6);
    return path;
  });
}
