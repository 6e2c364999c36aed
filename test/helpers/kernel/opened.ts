/** The real programs with what they know of owners, and sockets that are noted as they open: by the test. */

import { readBtf } from '../../../lab/kernel/btf.js';
import { Kernel, MINUTE, START } from '../../../lab/kernel/kernel.js';
import type { End } from '../../../lab/kernel/packets.js';
import { LITTLE } from '../../../src/core/endianness.js';
import { viewOf } from '../../../src/core/global-variables.js';
import { FIXED_SETTINGS, OWNER } from '../../../src/core/layouts.js';
import { protocolBits } from '../../../src/core/protocol-bits.js';
import { writeUdpPorts } from '../../../src/core/udp-ports.js';
import { AttributionView } from '../../../src/events/attribution-view.js';
import { decode } from '../../../src/events/decode.js';
import type { KernelEvent, OwnerEvent } from '../../../src/events/types.js';
import { check } from '../../../src/libbpf/errors.js';
import { libbpf } from '../../../src/libbpf/ffi.js';
import type { BpfObject } from '../../../src/libbpf/object.js';
import { OWNERS_OBJECT } from '../../../src/live/requirements.js';
import { NOTED_SOCKETS_MAP, tellNotedSockets } from '../../../src/maps/opened-sockets.js';
import { FIXED_MAP } from '../../../src/maps/settings.js';
import type { Settings } from '../../../src/sampling/policy.js';
import type { AskedProtocols } from '../../../src/sampling/protocols.js';

/** enum sender_end */
const ENDS = { connected: 1, accepted: 2 } as const;
const KEY_BYTES = 8;
const NS_PER_MS = 1_000_000n;

export interface Opened {
  readonly end: keyof typeof ENDS;
  /** Of the connection's SYN. */
  readonly synSeq: number;
  /** Its own initial sequence number. */
  readonly isn: number;
  readonly own: End;
  readonly peer: End;
  /** What its TSval is beyond the clock. */
  readonly timestampOffset?: number;
  readonly pid: number;
}

/** Of an event about an owner. */
export type ToldOwner = Pick<
  OwnerEvent,
  'flowId' | 'pid' | 'socketCookie' | 'cgroup' | 'comm' | 'uid'
>;

export class OwnedKernel extends Kernel {
  readonly #noted: Buffer[] = [];
  readonly #view = new AttributionView();

  /**
   * @param isFiltered whether only those that are noted are asked for
   * @param sizes max_entries of maps, by name
   * @param path of the object, which has at least the real programs
   * @param protocols that are measured; none: TCP
   */
  constructor(
    settings: Partial<Settings> = {},
    isFiltered = false,
    sizes: Record<string, number> = {},
    path: string = OWNERS_OBJECT,
    protocols: AskedProtocols = [],
  ) {
    const prepare = (object: BpfObject) => {
      askForOwners(object, isFiltered);
      measure(object, protocols);
    };
    super(settings, 'ethernet', sizes, path, prepare);
    tellNotedSockets(this.object.map(NOTED_SOCKETS_MAP).fd, 'all');
  }

  note({ end, synSeq, ...opened }: Opened): void {
    const key = Buffer.alloc(KEY_BYTES);
    key.writeUInt32LE(synSeq, 0);
    key.writeUInt32LE(ENDS[end], 4);
    const { fd } = this.object.map('opened_sockets');
    this.#noted.push(key);
    check('note a socket', libbpf().bpf_map_update_elem(fd, key, entryOf(opened), 0));
  }

  /** All flows and sockets. */
  async forget(): Promise<void> {
    await this.at(this.now - START + 10n * MINUTE).sweep();
    this.told();
    for (const key of this.#noted.splice(0))
      libbpf().bpf_map_delete_elem(this.object.map('opened_sockets').fd, key);
  }

  /** All that was told since the last call. */
  told(): { readonly owners: ToldOwner[]; readonly events: KernelEvent[] } {
    const told = { owners: [] as ToldOwner[], events: [] as KernelEvent[] };
    this.drain((bytes, offset, length) => {
      const attribution = this.#view.at(bytes, offset, length);
      if (!attribution) told.events.push(decode(bytes, offset, length));
      else if (attribution.type === 'owner') told.owners.push(copyOf(attribution));
    });
    return told;
  }
}

function copyOf({ flowId, pid, socketCookie, cgroup, comm, uid }: OwnerEvent): ToldOwner {
  return { flowId, pid, socketCookie, cgroup, comm, uid };
}

/** What a socket's TSval is at this moment. */
export function tsvalNow(timestampOffset: number): number {
  return (Number(process.hrtime.bigint() / NS_PER_MS) + timestampOffset) >>> 0;
}

function askForOwners(object: BpfObject, isFiltered: boolean): void {
  const view = viewOf(object.map(FIXED_MAP));
  view.setUint32(FIXED_SETTINGS.owners, 1, LITTLE);
  view.setUint32(FIXED_SETTINGS.ownerFilter, Number(isFiltered), LITTLE);
}

function measure(object: BpfObject, protocols: AskedProtocols): void {
  const view = viewOf(object.map(FIXED_MAP));
  view.setUint32(FIXED_SETTINGS.protocols, protocolBits(protocols), LITTLE);
  writeUdpPorts(view, FIXED_SETTINGS.udpPorts, { quic: [], dns: [] });
}

/** struct opened_socket */
function entryOf({ own, peer, isn, timestampOffset = 0, pid }: Omit<Opened, 'end' | 'synSeq'>) {
  const { size, offsets } = layout();
  const value = Buffer.alloc(size);
  const at = (field: string) => offsets[field] ?? Number.NaN;
  value.writeUInt32LE(pid, at('owner') + OWNER.pid);
  value.writeBigUInt64LE(BigInt(pid), at('owner') + OWNER.socketCookie);
  for (const [index, { address, port }] of [own, peer].entries()) {
    mapped(address).copy(value, at('address') + 16 * index);
    value.writeUInt16LE(port, at('port') + 2 * index);
  }
  value.writeUInt32LE(isn, at('isn'));
  value.writeUInt32LE(timestampOffset, at('timestamp_offset'));
  value.writeUInt32LE(Number(NS_PER_MS), at('timestamp_tick'));
  return value;
}

function layout() {
  const struct = readBtf(OWNERS_OBJECT).structs.get('opened_socket');
  if (!struct) throw new Error('no struct opened_socket');
  return struct;
}

/** An IPv4 address as it is in a flow's key. */
function mapped(address: string): Buffer {
  const bytes = address.split('.').map(Number);
  return Buffer.from([...Array(10).fill(0), 0xff, 0xff, ...bytes]);
}
