// drain <ndjson|human> [flows]: how many events a second one core takes from memory to a file: decode,
// count, format, write. Each is of another flow, and another host, than the last. Prints one JSON object.

import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { LITTLE } from '../src/core/endianness.js';
import {
  EVENT_HEADER,
  EVENT_TYPE,
  PROTOCOL,
  RTT_EVENT,
  VERSION_TYPE,
} from '../src/core/layouts.js';
import { RecordView } from '../src/events/view.js';
import { Clock } from '../src/format/clock.js';
import { createFormatter, type FormatName } from '../src/format/formats.js';
import { Ending } from '../src/run/ending.js';
import { FormattedOutput } from '../src/run/formatted-output.js';
import { Pump } from '../src/run/pump.js';
import { FileSink } from '../src/sink/file-sink.js';
import { Totals } from '../src/summary/totals.js';

/** As many as a drain finds at 27,000 events a second. */
const EVENTS = 2_048;
/** Unless another number is given; of as many as there are events, each flow is met once. */
const FLOWS = 1_000;
const ROUNDS = 900;
const [LOW, HIGH] = LITTLE ? [0, 4] : [4, 0];
/** Of flows without losses. */
const RECORD_BYTES = RTT_EVENT.sentLosses;

/** RTTs of many flows, one after the other as the ring buffer has them. @param first number of the first */
function fill(bytes: DataView, first: number, flows: number): void {
  for (let event = 0; event < EVENTS; event++) {
    const at = event * RECORD_BYTES;
    const flow = (first + event) % flows;
    const u64 = (offset: number, value: number) => {
      bytes.setUint32(at + offset + LOW, value, LITTLE);
      bytes.setUint32(at + offset + HIGH, value / 2 ** 32, LITTLE);
    };
    u64(EVENT_HEADER.timestamp, 1_000_000_000_000 + (first + event) * 1_237);
    u64(EVENT_HEADER.flowId, 1 + flow);
    for (const [end, last] of [
      [EVENT_HEADER.src, 1],
      [EVENT_HEADER.dest, 2],
    ] as const) {
      bytes.setUint16(at + end + 10, 0xffff);
      bytes.setUint32(at + end + 12, 0x0a000000 + flow * 256 + last);
    }
    bytes.setUint16(at + EVENT_HEADER.srcPort, 443, LITTLE);
    bytes.setUint16(at + EVENT_HEADER.destPort, 40_000 + (flow % 1_000), LITTLE);
    bytes.setUint8(at + EVENT_HEADER.versionType, (4 << VERSION_TYPE.bits) | EVENT_TYPE.rtt);
    bytes.setUint8(at + EVENT_HEADER.protocol, PROTOCOL.tcp);
    u64(RTT_EVENT.rtt, 12_345_678 + event);
    for (const field of ['intervalMinRtt', 'minRtt', 'srtt'] as const)
      u64(RTT_EVENT[field], 12_000_000);
    for (const field of ['sentPackets', 'recPackets'] as const)
      u64(RTT_EVENT[field], 1_000 + event);
    for (const field of ['sentBytes', 'recBytes'] as const)
      u64(RTT_EVENT[field], 1_000_000 + event);
    bytes.setUint32(at + RTT_EVENT.samples, 1, LITTLE);
    bytes.setUint32(at + RTT_EVENT.rttvar, 400_000, LITTLE);
  }
}

async function measure(format: FormatName, flows: number) {
  const folder = mkdtempSync(join(tmpdir(), 'pping-drain-'));
  const bytes = new DataView(new ArrayBuffer(EVENTS * RECORD_BYTES));
  const view = new RecordView();
  const clock = new Clock(1_700_000_000_000_000_000n);
  const formatter = createFormatter(format, { clock, interface: 'eth0', color: false });
  const sink = new FileSink(openSync(join(folder, 'out'), 'w'), {
    onBrokenPipe: () => {},
    onError: (message) => console.error(message),
    onRecovery: () => {},
    onRemoved: () => {},
  });
  const totals = new Totals();
  const count = Number.POSITIVE_INFINITY;
  const ending = new Ending({ totals, count, conditions: [], onEnough: () => {} });
  const output = new FormattedOutput(formatter, sink, false);
  const pump = new Pump({ consumers: [totals, output], ending });
  const { signal } = new AbortController();
  let [cpuUs, wallMs] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    fill(bytes, round * EVENTS, flows);
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    for (let event = 0; event < EVENTS; event++) {
      pump.accept(view.at(bytes, event * RECORD_BYTES, RECORD_BYTES));
    }
    pump.flush();
    // As a drain does it: writes that have ended are told of in between.
    await (sink.room(signal) ?? immediate());
    // The first ones are while the code is still being compiled.
    if (round < ROUNDS / 3) continue;
    const { user, system } = process.cpuUsage(cpu);
    cpuUs += user + system;
    wallMs += performance.now() - start;
  }
  await sink.close();
  rmSync(folder, { recursive: true });
  const events = (EVENTS * ROUNDS * 2) / 3;
  return {
    millionPerSecond: events / wallMs / 1_000,
    nsPerEvent: (cpuUs * 1_000) / events,
    linesLost: sink.dropped,
  };
}

const [name, flows = FLOWS] = process.argv.slice(2);
const format = name === 'human' ? 'human' : 'ndjson';
console.log(JSON.stringify(await measure(format, Number(flows))));
