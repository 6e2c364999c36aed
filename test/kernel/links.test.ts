/** The interfaces of a network namespace of our own, as rtnetlink tells of them. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createNamespace, type Namespace } from '../../lab/netns.js';
import { batch, foundIn, linksIn } from '../helpers/kernel/links.js';

let namespace: Namespace;

beforeEach(async () => {
  namespace = await createNamespace();
});

afterEach(async () => {
  await namespace?.close();
});

const NOTHING = { packets: 0, bytes: 0 };
const SILENT = { egress: NOTHING, ingress: NOTHING, xdp: undefined, isSwitchPort: false };

test('what each is', async () => {
  await batch(namespace, [
    'link add plain type veth peer name other',
    'link set plain up',
    'link add bürö type ifb',
    'link property add dev bürö altname second-name altname third-name-longer-than-fifteen',
    'tuntap add mode tun name tunnel',
  ]);
  const links = await linksIn(namespace);
  const ethernet = { ...SILENT, kind: 1, linkLayer: 'ethernet', isLoopback: false };
  const common = { alternativeNames: [], isUp: false };
  expect(links.map(({ index, ...link }) => link)).toEqual(
    expect.arrayContaining([
      {
        ...SILENT,
        ...common,
        name: 'lo',
        isUp: true,
        kind: 772,
        linkLayer: 'ethernet',
        isLoopback: true,
      },
      { ...ethernet, ...common, name: 'plain', isUp: true },
      { ...ethernet, ...common, name: 'other' },
      {
        ...ethernet,
        ...common,
        name: 'bürö',
        alternativeNames: ['second-name', 'third-name-longer-than-fifteen'],
      },
      { ...SILENT, ...common, name: 'tunnel', kind: 65534, linkLayer: 'ip', isLoopback: false },
    ]),
  );
  const known = JSON.parse(await namespace.run(['ip', '-json', 'link']));
  expect(links.map(({ index, name }) => [index, name])).toEqual(
    known.map(({ ifindex, ifname }: { ifindex: number; ifname: string }) => [ifindex, ifname]),
  );
});

test.each(['first', 'short-name', 'a-name-longer-than-fifteen'])(
  'one is found by %s',
  async (name) => {
    await batch(namespace, [
      'link add first type ifb',
      'link property add dev first altname short-name altname a-name-longer-than-fifteen',
    ]);
    const found = await foundIn(namespace, name);
    expect(found).toMatchObject({ name: 'first', linkLayer: 'ethernet', isLoopback: false });
  },
);

/** Gives a tun device the kind of CAN buses: TUNSETIFF, TUNSETLINK and TUNSETPERSIST of linux/if_tun.h. */
const CAN_DEVICE = `
import fcntl, struct
tun = open('/dev/net/tun', 'r+b', buffering=0)
fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH22x', b'bus', 0x1001))
fcntl.ioctl(tun, 0x400454cd, 280)
fcntl.ioctl(tun, 0x400454cb, 1)
`;

test('a kind whose packets cannot be read', async () => {
  await namespace.run(['python3', '-c', CAN_DEVICE]);
  const bus = (await linksIn(namespace)).find(({ name }) => name === 'bus');
  expect(bus).toMatchObject({ kind: 280, isUp: false, isLoopback: false });
  expect(bus?.linkLayer).toBeUndefined();
});

const SEVEN_DATAGRAMS = `
import socket
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(('127.0.0.1', 0))
for _ in range(7):
    sender.sendto(bytes(972), receiver.getsockname())
`;

test('counts what each has carried', async () => {
  await namespace.run(['python3', '-c', SEVEN_DATAGRAMS]);
  const lo = (await linksIn(namespace)).find(({ name }) => name === 'lo');
  // Loopback counts what follows the Ethernet header: 28 bytes of IP and UDP, and the data.
  const carried = { packets: 7, bytes: 7 * 1_000 };
  expect(lo).toMatchObject({ egress: carried, ingress: carried });
});

test('hundreds, of which an answer has many pieces', async () => {
  const pairs = Array.from({ length: 150 }, (_, pair) => [`a${pair}`, `b${pair}`] as const);
  await batch(
    namespace,
    pairs.map(([name, peer]) => `link add ${name} type veth peer name ${peer}`),
  );
  const names = (await linksIn(namespace)).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(['lo', ...pairs.flat()]));
});
