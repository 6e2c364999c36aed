/** The packets of QUIC that tests make, as tshark reads them. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as quic from '../../lab/kernel/quic-packets.js';
import { pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const file = useTemporaryFolder();
const ENDS = {
  4: [
    { address: '10.0.0.1', port: 40_000 },
    { address: '10.0.0.2', port: 443 },
  ],
  6: [
    { address: 'fd00::1', port: 40_000 },
    { address: 'fd00::2', port: 443 },
  ],
} as const;
const dcid = quic.connectionId(1, 20);
const scid = quic.connectionId(2, 5);
const FIELDS = [
  ...['header_form', 'version', 'long.packet_type', 'long.packet_type_v2', 'dcil', 'dcid', 'scil'],
  ...['scid', 'token', 'retry_token', 'length', 'supported_version', 'fixed_bit', 'spin_bit'],
] as const;

/** Of each packet the fields that it has; of coalesced ones those of all. */
function readByTshark(version: 4 | 6, datagrams: readonly (readonly Buffer[])[]) {
  const [client, server] = ENDS[version];
  const packets = datagrams.map((packets, at) => ({
    time: BigInt(at),
    frame: quic.quicFrame(client, server, packets),
  }));
  const path = file(`${version}.pcap`);
  writeFileSync(path, pcap(packets));
  const wanted = FIELDS.flatMap((field) => ['-e', `quic.${field}`]);
  const argv = ['-r', path, '-d', 'udp.port==443,quic', '-T', 'json', ...wanted];
  const told = execFileSync('tshark', argv, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const read = JSON.parse(told) as { _source: { layers?: Record<string, string[]> } }[];
  return read.map(({ _source: { layers = {} } }) =>
    Object.fromEntries(Object.entries(layers).map(([name, values]) => [name.slice(5), values])),
  );
}

const TYPES = { initial: '0', zeroRtt: '1', handshake: '2', retry: '3' } as const;
const TYPES_V2 = { initial: '1', zeroRtt: '2', handshake: '3', retry: '0' } as const;
const ALL = Object.keys(TYPES) as quic.LongType[];
const TOKEN = Buffer.from('a token');
const IDS = {
  dcil: ['20'],
  dcid: [dcid.toString('hex')],
  scil: ['5'],
  scid: [scid.toString('hex')],
};

function long(type: quic.LongType, more: Partial<quic.LongHeader> = {}): Buffer {
  return quic.longPacket({ type, dcid, scid, ...more });
}

function restOf(type: quic.LongType): Record<string, string[]> {
  if (type === 'retry') return { retry_token: [TOKEN.toString('hex')] };
  const rest = { length: ['100'], fixed_bit: ['1'] };
  return type === 'initial' ? { token: [TOKEN.toString('hex')], ...rest } : rest;
}

test.each([4, 6] as const)('over IPv%d', (version) => {
  const datagrams = [
    ...ALL.map((type) => [long(type, { token: TOKEN })]),
    ...ALL.map((type) => [long(type, { token: TOKEN, version: quic.VERSION.v2 })]),
    [quic.versionNegotiation({ dcid, scid })],
    [long('initial'), long('handshake', { lengthWidth: 8 })],
    [quic.shortPacket({ spin: 1, dcid })],
    [quic.shortPacket({ spin: 0, dcid })],
  ];
  const form = { header_form: ['1'] };
  const short = { header_form: ['0'], fixed_bit: ['1'] };
  expect(readByTshark(version, datagrams)).toEqual([
    ...ALL.map((type) => ({
      ...{ ...form, ...IDS, version: ['0x00000001'], 'long.packet_type': [TYPES[type]] },
      ...restOf(type),
    })),
    ...ALL.map((type) => ({
      ...{ ...form, ...IDS, version: ['0x6b3343cf'], 'long.packet_type_v2': [TYPES_V2[type]] },
      ...restOf(type),
    })),
    { ...form, ...IDS, version: ['0x00000000'], supported_version: ['0x1a2a3a4a', '0x00000001'] },
    {
      header_form: ['1', '1'],
      version: ['0x00000001', '0x00000001'],
      'long.packet_type': ['0', '2'],
      ...{ dcil: ['20', '20'], dcid: [...IDS.dcid, ...IDS.dcid] },
      ...{ scil: ['5', '5'], scid: [...IDS.scid, ...IDS.scid] },
      length: ['100', '100'],
      fixed_bit: ['1', '1'],
    },
    { ...short, spin_bit: ['1'] },
    { ...short, spin_bit: ['0'] },
  ]);
});
