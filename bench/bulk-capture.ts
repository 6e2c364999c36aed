/** A capture of bulk transfers, as large as wanted. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type End, tcpFrame } from '../lab/kernel/packets.js';

const FLOWS = 8;
const FRAME_BYTES = 1_500;
const SNAP_LENGTH = 96;
const GAP_US = 4;
const RTT_US = 20_000;
const START_S = 1_700_000_000;
const CHUNK_BYTES = 1 << 20;
const RECORD_BYTES = 16;
/** In an Ethernet frame with IPv4 and NOP NOP TIMESTAMP. */
const TCP = 34;
const PAYLOAD_BYTES = FRAME_BYTES - TCP - 32;

/** Writes packets[0 .. count) of 8 flows at full frame size, every second one acknowledged, TSvals at 1 kHz. */
export function writeBulkCapture(path: string, count: number): void {
  const fd = openSync(path, 'w');
  const writer = new Writer(fd);
  const flows = Array.from({ length: FLOWS }, (_, index) => new Flow(index));
  const unanswered: { readonly at: number; readonly flow: Flow; readonly tsval: number }[] = [];
  for (let us = 0; writer.packets < count; us += GAP_US) {
    const flow = flows[(us / GAP_US) % FLOWS] as Flow;
    const tsval = 1 + Math.floor(us / 1000);
    writer.write(us, flow.data(tsval));
    if (flow.sent % 2 === 0) unanswered.push({ at: us + RTT_US, flow, tsval });
    while ((unanswered[0]?.at ?? us) < us && writer.packets < count) {
      const answered = unanswered.shift();
      if (answered) writer.write(us, answered.flow.answer(tsval, answered.tsval));
    }
  }
  writer.flush();
  closeSync(fd);
}

class Flow {
  readonly #data: Buffer;
  readonly #answer: Buffer;
  #seq = 1_000;
  #acked = 1_000;
  sent = 0;

  constructor(index: number) {
    const client: End = { address: '10.0.0.1', port: 40_000 + index };
    const server: End = { address: `10.0.1.${1 + index}`, port: 443 };
    this.#data = tcpFrame(client, server, { payload: PAYLOAD_BYTES });
    this.#answer = tcpFrame(server, client);
  }

  data(tsval: number): Buffer {
    this.#data.writeUInt32BE(this.#seq, TCP + 4);
    this.#data.writeUInt32BE(tsval, TCP + 24);
    this.#seq = (this.#seq + PAYLOAD_BYTES) >>> 0;
    this.sent++;
    return this.#data;
  }

  /** Of two segments, whose later one had `tsecr`. */
  answer(tsval: number, tsecr: number): Buffer {
    this.#acked = (this.#acked + 2 * PAYLOAD_BYTES) >>> 0;
    this.#answer.writeUInt32BE(this.#acked, TCP + 8);
    this.#answer.writeUInt32BE(tsval, TCP + 24);
    this.#answer.writeUInt32BE(tsecr, TCP + 28);
    return this.#answer;
  }
}

class Writer {
  readonly #fd: number;
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #length = 0;
  packets = 0;

  constructor(fd: number) {
    this.#fd = fd;
    for (const word of [0xa1b2c3d4, 0x00040002, 0, 0, SNAP_LENGTH, 1]) this.#word(word);
  }

  write(us: number, frame: Buffer): void {
    const captured = Math.min(frame.length, SNAP_LENGTH);
    if (this.#length + RECORD_BYTES + captured > CHUNK_BYTES) this.flush();
    const second = Math.floor(us / 1_000_000);
    for (const word of [START_S + second, us - second * 1_000_000, captured, frame.length]) {
      this.#word(word);
    }
    this.#length += frame.copy(this.#chunk, this.#length, 0, captured);
    this.packets++;
  }

  flush(): void {
    writeSync(this.#fd, this.#chunk, 0, this.#length);
    this.#length = 0;
  }

  #word(value: number): void {
    this.#length = this.#chunk.writeUInt32LE(value, this.#length);
  }
}
