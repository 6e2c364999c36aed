/** Filters in words: what they mean is what tcpdump means by them. */
import { describe, expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { UsageError } from '../../src/faults.js';
import { beginsFilter } from '../../src/options/filter-words.js';
import { narrowed } from '../../src/options/operands.js';
import { parsePorts } from '../../src/options/ports.js';
import { parsePrefix } from '../../src/options/prefix.js';
import { type Filter, NO_FILTER, type Selection } from '../../src/sampling/filter.js';
import type { Prefix } from '../../src/sampling/prefix.js';
import { PROTOCOL_WORDS, type ProtocolWord, protocolsOf } from '../../src/sampling/protocols.js';

const filterFrom = (text: string, given: Filter['protocols'] = []) =>
  narrowed({ ...NO_FILTER, protocols: given }, [text]);

/** Lists of addresses and ports, with spaces between them. */
function selection(addresses: string, ports: string): Selection {
  const words = (text: string) => text.split(' ').filter((word) => word !== '');
  return {
    prefixes: words(addresses).map(parsePrefix),
    portRanges: words(ports).map(parsePorts),
  };
}

describe('a filter', () => {
  test.each([
    ['host 10.0.0.1', ['10.0.0.1', ''], ['', '']],
    ['port 443 and net 10.0.0.0/8', ['10.0.0.0/8', '443'], ['', '']],
    ['tcp port https', ['', '443'], ['', '']],
    ['tcp', ['', ''], ['', '']],
    ['tcp and host ::1', ['::1', ''], ['', '']],
    ['portrange 8000-8999', ['', '8000-8999'], ['', '']],
    ['host 10.0.0.1 and not port 22', ['10.0.0.1', ''], ['', '22']],
    ['not (port 22 or 80 or host 10.0.0.1)', ['', ''], ['10.0.0.1', '22 80']],
    ['port 80 or 443', ['', '80 443'], ['', '']],
    ['port (80 or 443) and host 10.0.0.1', ['10.0.0.1', '80 443'], ['', '']],
    ['port 80,443,8000-8999', ['', '80 443 8000-8999'], ['', '']],
    ['(host 10.0.0.1 or net 10.9.0.0/16) && !port 22', ['10.0.0.1 10.9.0.0/16', ''], ['', '22']],
    // and and or bind alike.
    ['port 80 or port 443 and host ::1', ['::1', '80 443'], ['', '']],
    ['ip6 and port 443', ['::/0', '443'], ['', '']],
    ['ip host 10.0.0.1', ['10.0.0.1', ''], ['', '']],
    ['not ip', ['', ''], ['0.0.0.0/0', '']],
    // What follows from something else is left out.
    ['net 10.0.0.0/8 and host 10.1.1.1', ['10.1.1.1', ''], ['', '']],
    ['port 80 and portrange 1-1000', ['', '80'], ['', '']],
    ['not net 10.0.0.0/8 and not host 10.0.0.1', ['', ''], ['10.0.0.0/8', '']],
    ['tcp or port 80', ['', ''], ['', '']],
    ['not not port 80', ['', '80'], ['', '']],
    ['net 10', ['10.0.0.0/8', ''], ['', '']],
    ['net 10.123', ['10.123.0.0/16', ''], ['', '']],
    ['net 192.168.1 or 10/12', ['192.168.1.0/24 10.0.0.0/12', ''], ['', '']],
  ] as const)('%s', (text, [hosts, ports], [noHosts, noPorts]) => {
    expect(filterFrom(text)).toEqual({
      ...NO_FILTER,
      include: selection(hosts, ports),
      exclude: selection(noHosts, noPorts),
    });
  });

  test('may come in one word or in several', () => {
    expect(narrowed(NO_FILTER, ['host', '10.0.0.1', 'and', '!port 22'])).toEqual(
      filterFrom('host 10.0.0.1 and not port 22'),
    );
  });

  test.each([
    ['icmp', [], ['icmp'], '', ''],
    ['tcp or icmp', [], ['tcp', 'icmp'], '', ''],
    ['icmp and host ::1', [], ['icmp'], '::1', ''],
    ['icmp host ::1', [], ['icmp'], '::1', ''],
    ['icmp6', [], ['icmp'], '::/0', ''],
    ['not icmp', [], [], '', ''],
    ['port 443', ['all'], ['all'], '', '443'],
    ['tcp port 443', ['all'], ['tcp'], '', '443'],
    ['tcp port 443', ['tcp', 'icmp'], ['tcp'], '', '443'],
    ['not icmp', ['tcp', 'icmp'], ['tcp'], '', ''],
    ['not tcp', ['icmp', 'tcp'], ['icmp'], '', ''],
    ['tcp or icmp', ['icmp', 'tcp'], ['icmp', 'tcp'], '', ''],
    ['icmp or (tcp and not tcp)', ['tcp', 'icmp'], ['icmp'], '', ''],
    ['tcp and (icmp or port 443)', ['tcp', 'icmp'], ['tcp'], '', '443'],
    ['icmp or not icmp', ['tcp', 'icmp'], ['tcp', 'icmp'], '', ''],
  ] as const)('%s, where --protocol is %j, measures %j', (text, given, protocols, hosts, ports) => {
    expect(filterFrom(text, given)).toEqual({
      ...NO_FILTER,
      protocols,
      include: selection(hosts, ports),
      exclude: selection('', ''),
    });
  });

  test.each([
    ['tcp', ['icmp'], /^no connection can match this: tcp is not in --protocol icmp$/],
    [
      'icmp and dns',
      ['icmp', 'tcp'],
      /^no connection can match this: dns is not in --protocol icmp,tcp$/,
    ],
    ['tcp port 443', ['icmp'], /no connection can match this/],
    ['icmp or tcp port 443', ['all'], /unsupported filter: .* to ports and protocols/],
    ['port 443', ['icmp'], /no connection can match this: ICMP has no ports/],
  ] as const)('%s, where --protocol is %j, is refused', (text, given, message) => {
    expect(() => filterFrom(text, given)).toThrow(UsageError);
    expect(() => filterFrom(text, given)).toThrow(message);
  });

  test('knows each word of --protocol', () => {
    for (const word of PROTOCOL_WORDS) {
      expect(protocolsOf(filterFrom(word).protocols)).toEqual(new Set([word]));
      expect(beginsFilter(word)).toBe(true);
    }
  });

  test.each([
    ['host 10.0.0.1 and host 10.0.0.2', /unsupported filter: hosts and networks can be joined/],
    ['host 10.0.0.1 or port 80', /unsupported filter/],
    ['host 10.0.0.1 and port 80 or port 443', /unsupported filter/],
    ['port 80 and port 443', /unsupported filter/],
    ['not (host 10.0.0.1 and port 80)', /unsupported filter/],
    ['not tcp', /no connection can match this/],
    [
      'src host 10.0.0.1',
      /^unsupported filter word "src"; supported: host, net, port, portrange, tcp, .*match either end$/,
    ],
    ['udp port 53', /^unsupported filter word "udp"; use dns or quic$/],
    ['port 80 or icmp', /unsupported filter/],
    ['icmp port 80', /no connection can match this: ICMP has no ports/],
    ['tcp and icmp', /no connection can match this/],
    ['arp', /^unsupported filter word "arp"; pping measures tcp, icmp, quic, dns$/],
    ['not sctp', /^unsupported filter word "sctp"; pping measures tcp/],
    ['port 80 port 443', /^filter: "and" or "or" is missing before "port"$/],
    ['port 80 443', /^filter: "and" or "or" is missing before "443"$/],
    ['port 80 not port 443', /^filter: "and" or "or" is missing before "not"$/],
    ['(port 80 host ::1)', /^filter: "and" or "or" is missing before "host"$/],
    ['port 80 udp', /unsupported filter word "udp"/],
    ['port 80 what', /unsupported filter word "what"/],
    ['dst port 80', /unsupported filter word "dst"; supported: host, net, port, portrange/],
    ['tcp[13] & 2 != 0', /unsupported filter word "tcp\[13\]"; supported: host/],
    ['port 80 and tcp[tcpflags] & tcp-syn != 0', /unsupported filter word "tcp\[tcpflags\]"/],
    ['greater 100', /unsupported filter word "greater"; supported: host/],
    ['less 100', /unsupported filter word "less"; supported: host/],
    ['net 10.0.0.0 mask 255.0.0.0', /unsupported filter word "mask"/],
    ['net 300', /^filter: net: "300" is not an address or a network/],
    ['net 10/33', /^filter: net '10\/33': an IPv4 prefix has at most 32 bits$/],
    ['host 10', /^filter: host: "10" is not an address or a network/],
    ['port 0', /^filter: port '0': ports go from 1 to 65535$/],
    ['port 80 | port 443', /^filter: unexpected "\|"$/],
    ['port 80 and less 100', /unsupported filter word "less"/],
    ['(port 80', /^filter: "\)" is missing$/],
    ['host', /^filter: "host" needs an address$/],
    ['net', /^filter: "net" needs a network$/],
    ['port', /^filter: "port" needs a port$/],
    ['port 80 and portrange', /^filter: "portrange" needs a range of ports$/],
    ['port 80 and', /^filter: nothing follows "and"$/],
    ['not', /^filter: nothing follows "not"$/],
    ['host (', /^filter: nothing follows "\("$/],
    ['port 80)', /^filter: unexpected "\)"$/],
    ['port and host', /^filter: unexpected "and"$/],
    ['(10.0.0.1)', /unsupported filter word "10.0.0.1"/],
    ['host example.com', /^example.com is a name, not an address; names need --resolve$/],
    ['port 70000', /^filter: port '70000': ports go from 1 to 65535$/],
    ['port constructor', /^filter: port: "constructor" is not a port/],
    ['constructor', /unsupported filter word "constructor"/],
  ])('%s is refused, in one line', (text, message) => {
    expect(() => filterFrom(text)).toThrow(UsageError);
    expect(() => filterFrom(text)).toThrow(message);
    expect(() => filterFrom(text)).toThrow(/^[^\n]+$/);
  });

  test('that would take too many clauses is refused, and soon', () => {
    const pairs = Array.from({ length: 30 }, (_, at) => `(port ${at + 1} and host 10.0.0.${at})`);
    expect(() => filterFrom(pairs.join(' or '))).toThrow('unsupported filter');
  });

  test.each([
    ['host', true],
    ['not', true],
    ['!port 22', true],
    ['(host', true],
    ['udp', true],
    ['greater', true],
    ['tcp[13]', true],
    ['icmp[icmptype] == 8', true],
    ['[::1]', false],
    ['port of call.pcap', true],
    ['x.pcap', false],
    ['', false],
    ['-', false],
    ['constructor', false],
    ['443', false],
  ])('begins with %j: %s', (word, begins) => expect(beginsFilter(word)).toBe(begins));
});

/** Both ends of a connection. */
interface Connection {
  readonly addresses: readonly Prefix[];
  readonly ports: readonly number[];
  readonly protocol: ProtocolWord;
}

type Meaning = (connection: Connection) => boolean;

const ADDRESSES = ['10.0.0.1', '10.0.0.9', '10.7.0.1', '192.0.2.1', '2001:db8::1', '2001:db8::2'];
const NETWORKS = ['10.0.0.0/24', '10.0.0.0/8', '2001:db8::/32', '0.0.0.0/0', '::/0', '10.0.0.8/29'];
const PORTS = ['22', '80', '443', '80-443', '1-1000'];

describe('what is measured', () => {
  test('is what the words mean, for random words and connections', () => {
    const random = new Random(21);
    const pick = <Each>(all: readonly Each[]) => all[random.below(all.length)] as Each;
    const connections = Array.from({ length: 60 }, () => connection(pick));
    let expressed = 0;
    for (let round = 0; round < 1000; round++) {
      const { text, means } = expression(pick, 3);
      const filter = orUndefined(() => filterFrom(text, ['tcp', 'icmp']));
      if (filter === undefined) continue;
      expressed++;
      const wrong = connections.find((each) => fits(filter, each) !== means(each));
      expect({ text, wrong }).toEqual({ text, wrong: undefined });
    }
    expect(expressed).toBeGreaterThan(300);
  });
});

type Pick = <Each>(all: readonly Each[]) => Each;

function connection(pick: Pick): Connection {
  const isIpv6 = pick([true, false]);
  const own = ADDRESSES.filter((each) => each.includes(':') === isIpv6);
  return {
    addresses: [parsePrefix(pick(own)), parsePrefix(pick(own))],
    ports: [pick([22, 80, 443, 8080]), pick([100, 443, 50_000])],
    protocol: pick(['tcp', 'icmp']),
  };
}

function expression(pick: Pick, depth: number): { text: string; means: Meaning } {
  if (depth === 0 || pick([true, false, false])) return atom(pick);
  const one = expression(pick, depth - 1);
  if (pick([true, false, false, false, false]))
    return { text: `not (${one.text})`, means: (each) => !one.means(each) };
  const other = expression(pick, depth - 1);
  const text = (word: string) => `(${one.text}) ${word} (${other.text})`;
  return pick([true, false])
    ? { text: text('and'), means: (each) => one.means(each) && other.means(each) }
    : { text: text('or'), means: (each) => one.means(each) || other.means(each) };
}

function atom(pick: Pick): { text: string; means: Meaning } {
  if (pick([true, false])) {
    const text = pick(PORTS);
    const { first, last } = parsePorts(text);
    const means: Meaning = ({ protocol, ports }) =>
      protocol === 'tcp' && ports.some((each) => each >= first && each <= last);
    return { text: `port ${text}`, means };
  }
  if (pick([true, false, false])) {
    const word = pick(['tcp', 'icmp']);
    return { text: word, means: ({ protocol }) => protocol === word };
  }
  const text = pick([...ADDRESSES, ...NETWORKS]);
  const prefix = parsePrefix(text);
  return {
    text: `net ${text}`,
    means: ({ addresses }) => addresses.some((each) => isIn(each, prefix)),
  };
}

/** As bpf/core/filter.h has it. */
function fits(
  { protocols, include, exclude }: Filter,
  { addresses, ports, protocol }: Connection,
): boolean {
  const hasPrefix = ({ prefixes }: Selection) =>
    prefixes.some((prefix) => addresses.some((each) => isIn(each, prefix)));
  const hasPort = ({ portRanges }: Selection) =>
    protocol === 'tcp' &&
    portRanges.some(({ first, last }) => ports.some((each) => each >= first && each <= last));
  if (!protocolsOf(protocols).has(protocol)) return false;
  if (include.prefixes.length > 0 && !hasPrefix(include)) return false;
  if (include.portRanges.length > 0 && !hasPort(include)) return false;
  return !hasPrefix(exclude) && !hasPort(exclude);
}

function isIn(address: Prefix, { ipVersion, bits, address: network }: Prefix): boolean {
  const bitsOf = (bytes: Uint8Array) =>
    [...bytes]
      .map((byte) => byte.toString(2).padStart(8, '0'))
      .join('')
      .slice(0, bits);
  return address.ipVersion === ipVersion && bitsOf(address.address) === bitsOf(network);
}

function orUndefined<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return undefined;
  }
}
