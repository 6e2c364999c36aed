/** What formats there are, and how to tell them apart. */
import { isPcap, PCAP_HEADER_BYTES, PcapReader } from './pcap.js';
import { isPcapng, PcapngReader } from './pcapng.js';
import type { CaptureReader, OnInterface } from './reader.js';
import { isSnoop, SNOOP_HEADER_BYTES, SnoopReader } from './snoop.js';

export interface CaptureFormat {
  /** Whether the capture begins so, as far as that can be told from these bytes. */
  is(start: DataView): boolean;
  /** Of the file; what its reader reads comes after that. */
  readonly headerBytes: number;
  /** @param header all of it. Throws an UnreadableCapture. */
  open(header: DataView, onInterface: OnInterface): CaptureReader;
}

/** So many of the first bytes. */
export const ENOUGH_TO_TELL = 8;

const FORMATS: readonly CaptureFormat[] = [
  {
    is: isPcap,
    headerBytes: PCAP_HEADER_BYTES,
    open: (header, onInterface) => new PcapReader(header, onInterface),
  },
  {
    is: isPcapng,
    headerBytes: 0,
    open: (_, onInterface) => new PcapngReader(onInterface),
  },
  {
    is: isSnoop,
    headerBytes: SNOOP_HEADER_BYTES,
    open: (header, onInterface) => new SnoopReader(header, onInterface),
  },
];

export function formatOf(start: DataView): CaptureFormat | undefined {
  return FORMATS.find((format) => format.is(start));
}
