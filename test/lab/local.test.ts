import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { building } from '../../lab/cleanup.js';
import {
  clientAddresses,
  configure,
  type Endpoints,
  interfaceName,
  isUp,
  ready,
  serverAddresses,
} from '../../lab/endpoints.js';
import { createNamespace, type Namespace } from '../../lab/netns.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { createTunPair } from '../helpers/lab/tuns.js';
import { compileBpf } from '../helpers/runner/compile.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const SAMPLES = 23;
const BRIDGE_ADDRESS = '02:00:00:00:77:02';
const BRIDGE = { ipv4: '10.77.0.3', ipv6: 'fd77::3' };
const NO_FORWARDING = ['net.ipv4.ip_forward=0', 'net.ipv6.conf.all.forwarding=0'];
const ADDRESSES = [
  [clientAddresses.ipv4, serverAddresses.ipv4],
  [clientAddresses.ipv6, serverAddresses.ipv6],
] as const;

jest.setTimeout(180_000);

const start = useCli();

describe('on the server itself', () => {
  let pair: Endpoints;

  beforeEach(async () => {
    pair = await createVethPair();
  });

  afterEach(() => pair.close());

  test.each(ADDRESSES)('RTTs of its own stack are left out (%s)', async (client, server) => {
    const samples = await watch(pair, 'server', server, []);
    expect(samples).toHaveLength(SAMPLES);
    for (const sample of samples) {
      expect(sample).toMatchObject({ src_ip: client, dest_ip: server, match_on_egress: false });
    }
  });

  test.each(ADDRESSES)('and are there with --include-local (%s)', async (client, server) => {
    const samples = await watch(pair, 'server', server, ['--include-local']);
    const local = samples.filter(({ match_on_egress }) => match_on_egress);
    const remote = samples.filter(({ match_on_egress }) => !match_on_egress);
    expect(local.length).toBeGreaterThan(0);
    expect(remote.length).toBeGreaterThan(0);
    for (const sample of local) expect(sample).toMatchObject({ src_ip: server, dest_ip: client });
    for (const sample of remote) expect(sample).toMatchObject({ src_ip: client, dest_ip: server });
  });
});

/** Its port takes what is for the bridge, though the link layer says that it is another's. */
describe.each(['another', 'the same'])('on a port of a bridge with %s address', (whose) => {
  let pair: Endpoints;

  beforeEach(async () => {
    pair = await createVethPair();
    await makeBridge(pair, whose === 'the same');
  });

  afterEach(() => pair.close());

  test.each(ADDRESSES)('RTTs of its own stack are left out (%s)', async (client, server) => {
    const samples = await watch(pair, 'server', server, []);
    expect(samples).toHaveLength(SAMPLES);
    for (const sample of samples) {
      expect(sample).toMatchObject({ src_ip: client, dest_ip: server, match_on_egress: false });
    }
  });
});

test('what a bridge passes on is measured on both sides, whatever listens there', async () => {
  const bridged = await createBridged();
  try {
    const [client, server] = [clientAddresses.ipv4, serverAddresses.ipv4];
    const service = await startServer(bridged, server);
    await startServer({ server: bridged.middle }, '0.0.0.0', service.port);
    const traffic = startClient(bridged, service, ['--connections', '3', '--interval', '15']);
    const samples = await ended(startWatch(bridged.middle, 'left', []));
    await traffic.stop();
    const sides = samples.map(({ src_ip, match_on_egress: egress }) => `${src_ip} ${egress}`);
    expect(new Set(sides)).toEqual(new Set([`${client} false`, `${server} true`]));
  } finally {
    await bridged.close();
  }
});

describe('on a link with a VLAN tag', () => {
  const file = useTemporaryFolder();
  let pair: Endpoints;

  beforeEach(async () => {
    pair = await createVethPair();
    compileBpf(TAGGER, file('tagger.o'));
    await useTags(pair, file('tagger.o'));
  });

  afterEach(() => pair.close());

  test.each(ADDRESSES)('RTTs are seen through the offloaded tag (%s)', async (client, server) => {
    // As a filter it sits between the one that tags and the one that takes the tag off.
    const samples = await watch(pair, 'client', server, ['--attach', 'clsact']);
    expect(samples).toHaveLength(SAMPLES);
    const expected = { src_ip: server, dest_ip: client, vlan: 77, match_on_egress: false };
    for (const sample of samples) expect(sample).toMatchObject(expected);
  });
});

describe('on an interface without a link layer', () => {
  let pair: Endpoints;

  beforeEach(async () => {
    pair = await createTunPair();
  });

  afterEach(() => pair.close());

  test.each(ADDRESSES)('RTTs are seen where packets begin with IP (%s)', async (client, server) => {
    const samples = await watch(pair, 'client', server, []);
    expect(samples).toHaveLength(SAMPLES);
    for (const sample of samples) {
      expect(sample).toMatchObject({ src_ip: server, dest_ip: client, match_on_egress: false });
    }
  });
});

interface Sample {
  readonly src_ip: string;
  readonly dest_ip: string;
  readonly match_on_egress: boolean;
}

/**
 * What a VLAN interface does, without needing one in the kernel: every frame leaves with tag 77
 * beside it, and one that arrives without it is dropped.
 */
const TAGGER = `
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int tagger(struct __sk_buff *skb)
{
	if (skb->ingress_ifindex == 0)
		return bpf_skb_vlan_push(skb, 0, 77) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
	if (!skb->vlan_present || skb->vlan_tci != 77 || bpf_skb_vlan_pop(skb))
		return TC_ACT_SHOT;
	return TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
`;

/** Tags before pping sees a packet that leaves, takes the tag off after it saw one that arrives. */
async function useTags({ client, server, interfaceName }: Endpoints, object: string) {
  const dev = ['dev', interfaceName];
  const tagger = [
    'protocol',
    'all',
    'bpf',
    'direct-action',
    'object-file',
    object,
    'section',
    'tc',
  ];
  for (const end of [client, server]) {
    await end.run(['tc', 'qdisc', 'add', ...dev, 'clsact']);
    await end.run(['tc', 'filter', 'add', ...dev, 'egress', 'pref', '1', ...tagger]);
    await end.run(['tc', 'filter', 'add', ...dev, 'ingress', 'pref', '60000', ...tagger]);
  }
}

/** Puts the server's interface into a bridge, which takes its addresses over. */
async function makeBridge({ server, interfaceName: port }: Endpoints, isOfPort: boolean) {
  const [link] = JSON.parse(await server.run(['ip', '-json', 'link', 'show', 'dev', port]));
  await server.run(['sysctl', '-qw', ...NO_FORWARDING]);
  await addBridge(server, [port], isOfPort ? link.address : BRIDGE_ADDRESS);
  await server.run(['ip', 'addr', 'flush', 'dev', port]);
  await configure(server, serverAddresses, true, 'br0');
  await until(() => isUp(server, 'br0'), 'the bridge');
}

async function addBridge(ns: Namespace, ports: readonly string[], address: string) {
  await ns.run(['ip', 'link', 'add', 'br0', 'address', address, 'type', 'bridge']);
  for (const port of ports) await ns.run(['ip', 'link', 'set', port, 'master', 'br0', 'up']);
}

/** Two ends and a bridge between them, which has an address, too. */
function createBridged(): Promise<Endpoints & { readonly middle: Namespace }> {
  return building(async (cleanup) => {
    const make = async () => {
      const namespace = await createNamespace();
      cleanup.add(() => namespace.close());
      return namespace;
    };
    const [server, client, middle] = [await make(), await make(), await make()];
    const ends = [
      [client, clientAddresses, 'left'],
      [server, serverAddresses, 'right'],
    ] as const;
    for (const [end, addresses, port] of ends) {
      const peer = ['peer', 'name', port, 'netns', String(middle.pid)];
      await end.run(['ip', 'link', 'add', interfaceName, 'type', 'veth', ...peer]);
      await configure(end, addresses, true);
    }
    await middle.run(['sysctl', '-qw', ...NO_FORWARDING]);
    await addBridge(middle, ['left', 'right'], BRIDGE_ADDRESS);
    await configure(middle, BRIDGE, true, 'br0');
    const network = { client, server, middle, interfaceName, close: () => cleanup.run() };
    await ready(network, true);
    return network;
  });
}

/** What pping reports at one end of conversations with a server at the address. */
async function watch(
  pair: Endpoints,
  end: 'client' | 'server',
  address: string,
  args: readonly string[],
): Promise<Sample[]> {
  const server = await startServer(pair, address);
  const client = startClient(pair, server, ['--connections', '3', '--interval', '15']);
  const samples = await ended(startWatch(pair[end], pair.interfaceName, args));
  await client.stop();
  return samples;
}

function startWatch(place: Namespace, name: string, args: readonly string[]): Cli {
  const always = ['-i', name, '--rate', '0', '--format', 'ndjson', '-c', String(SAMPLES)];
  return start(place, [...always, ...args]);
}

async function ended(cli: Cli): Promise<Sample[]> {
  const { code, stdout, stderr } = await cli.ended;
  expect([code, stderr]).toEqual([0, expect.stringContaining('no events lost')]);
  const events = linesOf(stdout).map((line) => JSON.parse(line));
  return events.filter(({ type }) => type === 'rtt') as Sample[];
}
