/** Requests and answers by the hundred thousand between the ends of a veth pair (exchanges.c). */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Endpoints } from '../../../lab/endpoints.js';

export interface Exchanges {
  readonly flows: number;
  /** One segment a flow in each; its number is the TSval. */
  readonly rounds: { readonly first: number; readonly last: number };
  /** The least. */
  readonly rttUs: number;
}

/** Seen at the client as its own; resolves when all are sent. */
export async function exchange(
  program: string,
  { client, server, interfaceName }: Endpoints,
  { flows, rounds, rttUs }: Exchanges,
): Promise<void> {
  const numbers = [flows, rounds.first, rounds.last, rttUs].map(String);
  await promisify(execFile)(program, [`${client.pid}`, `${server.pid}`, interfaceName, ...numbers]);
}
