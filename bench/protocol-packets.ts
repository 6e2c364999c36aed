// Packets of each protocol, made by hand: in each turn every flow asks and is answered.
import { dnsFrame } from '../lab/kernel/dns-packets.js';
import { type End, echoFrame, tcpFrame } from '../lab/kernel/packets.js';
import {
  connectionId,
  longPacket,
  padded,
  quicFrame,
  shortPacket,
} from '../lab/kernel/quic-packets.js';

export const FLOWS = 1_000;

/** Of these it has to be proven first. */
export const SPINNING = 'QUIC, a spin edge each';

export interface Exchange {
  readonly egress: Buffer;
  readonly ingress: Buffer;
}

/** Of a flow in a turn. */
type Kind = (flow: number, turn: number) => Exchange;

const PAYLOAD = 100;

export const KINDS: Readonly<Record<string, Kind>> = {
  'TCP data': (flow, turn) => {
    const [client, server] = ends(flow, 443);
    const [number, tsval] = [1 + turn * PAYLOAD, 10 + turn];
    const asked = { seq: number, ack: number, tsval, tsecr: tsval - 1, payload: PAYLOAD };
    const answered = { ...asked, ack: number + PAYLOAD, tsecr: tsval };
    return {
      egress: tcpFrame(client, server, asked),
      ingress: tcpFrame(server, client, answered),
    };
  },
  'ICMP echo': (flow, turn) => {
    const [{ address: from }, { address: to }] = ends(flow, 0);
    const echo = { id: 7, sequence: turn };
    return {
      egress: echoFrame(from, to, { ...echo, kind: 'request' }),
      ingress: echoFrame(to, from, { ...echo, kind: 'reply' }),
    };
  },
  'QUIC, handshake': (flow, turn) => {
    const [client, server] = ends(flow, 443, 10_000 + turn);
    const id = (of: number) => connectionId(of + 4 * (flow + turn * FLOWS));
    const asked = longPacket({ type: 'initial', scid: id(1), dcid: id(2) });
    const answered = longPacket({ type: 'initial', scid: id(3), dcid: id(1) });
    return {
      egress: quicFrame(client, server, [padded(asked)]),
      ingress: quicFrame(server, client, [padded(answered)]),
    };
  },
  'QUIC, no spin': (flow) => encrypted(ends(flow, 443, 30_000), 0),
  [SPINNING]: (flow, turn) => encrypted(ends(flow, 443, 31_000), turn % 2 ? 1 : 0),
  DNS: (flow, turn) => {
    const [client, server] = ends(flow, 53);
    const message = { id: turn, name: ['www', 'example', 'com'] };
    return {
      egress: dnsFrame(client, server, message),
      ingress: dnsFrame(server, client, { ...message, response: true, answers: 1 }),
    };
  },
};

/** The server reflects what the client has sent. */
function encrypted([client, server]: readonly [End, End], spin: 0 | 1): Exchange {
  const packets = [shortPacket({ spin, payload: PAYLOAD })];
  return {
    egress: quicFrame(client, server, packets),
    ingress: quicFrame(server, client, packets),
  };
}

function ends(flow: number, port: number, clientPort = 40_000): readonly [End, End] {
  const client = { address: `10.0.${flow >> 8}.${flow & 255}`, port: clientPort };
  return [client, { address: '10.255.255.254', port }];
}
