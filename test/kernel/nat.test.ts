/** Conntrack's original ends, of real connections through a real router (bpf/kernel/nat.h). */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { connectTimes } from '../../lab/endpoints.js';
import {
  createNatLab,
  forwardedPort,
  innerInterfaces,
  type NatLab,
  natAddresses,
  outerInterface,
} from '../../lab/nat.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { BpfObject } from '../../src/libbpf/object.js';
import { Lookups } from '../helpers/kernel/lookups.js';
import { compileBpf } from '../helpers/runner/compile.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const PORT = forwardedPort.inner;
const INTERFACES = [...innerInterfaces, outerInterface];
const [FIRST, SECOND] = natAddresses.clients;
const { server: SERVER, router: ROUTER } = natAddresses;

jest.setTimeout(300_000);

const file = useTemporaryFolder();

describe('a router that translates', () => {
  let lab: NatLab;
  let lookups: Lookups;

  beforeAll(async () => {
    lab = await createNatLab();
    for (const server of [lab.server, lab.clients[1]]) await startServer({ server }, '::', PORT);
    lookups = await Lookups.start(lab.router, INTERFACES);
  });

  afterAll(async () => {
    await lookups?.close();
    await lab?.close();
  });

  /** Each test has ports of its own. */
  describe.each([
    ['ipv4', 40_000],
    ['ipv6', 41_000],
  ] as const)('%s', (version, port) => {
    const client = at(FIRST[version], port);
    const server = at(SERVER[version], PORT);

    test('masquerade: the client, at its own address; the first packet to come in is not tracked yet', async () => {
      await connectTimes(lab.clients[0], SERVER[version], 1, PORT, port);
      const hidden = at(ROUTER.outer[version], port);
      expect(lookups.of(port)).toEqual([
        `in1 egress ${server} > ${client} was ${server} > ${client}`,
        `in1 ingress ${client} > ${server} unknown`,
        `out0 egress ${hidden} > ${server} was ${client} > ${server}`,
        `out0 ingress ${server} > ${hidden} was ${server} > ${client}`,
      ]);
    });

    test('two clients from the same port: each its own', async () => {
      const own = port + 1;
      for (const from of lab.clients) await connectTimes(from, SERVER[version], 1, PORT, own);
      const [first, second] = [at(FIRST[version], own), at(SECOND[version], own)];
      const hidden = at(ROUTER.outer[version], own);
      const outer = lookups.of(own).filter((line) => line.startsWith('out0 egress'));
      expect(outer.filter((line) => line.includes(hidden))).toEqual([
        `out0 egress ${hidden} > ${server} was ${first} > ${server}`,
      ]);
      expect(outer.filter((line) => !line.includes(hidden))).toEqual([
        expect.stringMatching(/^out0 egress .* was /),
      ]);
      expect(outer).toContainEqual(expect.stringContaining(` was ${second} > ${server}`));
    });

    test('a forwarded port: the address that was asked for', async () => {
      const asking = at(SERVER[version], port + 2);
      const asked = at(ROUTER.outer[version], forwardedPort.outer);
      const behind = at(SECOND[version], PORT);
      await connectTimes(lab.server, ROUTER.outer[version], 1, forwardedPort.outer, port + 2);
      expect(lookups.of(port + 2)).toEqual([
        `in2 egress ${asking} > ${behind} was ${asking} > ${asked}`,
        `in2 ingress ${behind} > ${asking} was ${asked} > ${asking}`,
        `out0 egress ${asked} > ${asking} was ${asked} > ${asking}`,
        `out0 ingress ${asking} > ${asked} unknown`,
      ]);
    });

    test('what is not translated is as it is on the wire', async () => {
      const [from, to] = [at(FIRST[version], port + 3), at(SECOND[version], PORT)];
      await connectTimes(lab.clients[0], SECOND[version], 1, PORT, port + 3);
      expect(lookups.of(port + 3)).toEqual([
        `in1 egress ${to} > ${from} was ${to} > ${from}`,
        `in1 ingress ${from} > ${to} unknown`,
        `in2 egress ${from} > ${to} was ${from} > ${to}`,
        `in2 ingress ${to} > ${from} was ${to} > ${from}`,
      ]);
    });
  });

  // Whose own ends are then, before NAT, the very ones that the client has on the wire.
  test('a client, though the router has connected from the port that it hides it behind', async () => {
    const { port } = await startServer(lab, SERVER.ipv4);
    const traffic = startClient({ client: lab.clients[0] }, { address: SERVER.ipv4, port }, [
      '--interval',
      '10',
    ]);
    const out = () => lookups.of(port).filter((line) => line.startsWith('out0 egress'));
    await until(() => out().length === 1, 'the connection of the client');
    const [first = ''] = out();
    const hidden = Number(/^out0 egress 10.78.0.1:(\d+) /.exec(first)?.[1]);

    await connectTimes(lab.router, SERVER.ipv4, 1, port, hidden);
    const own = `was ${at(ROUTER.outer.ipv4, hidden)} > ${at(SERVER.ipv4, port)}`;
    expect(out()).toEqual(expect.arrayContaining([first, expect.stringContaining(own)]));

    lookups.forget();
    const wire = `out0 egress ${at(ROUTER.outer.ipv4, hidden)} >`;
    const ofClient = () => out().filter((line) => line.startsWith(wire));
    await until(() => ofClient().length > 0, 'more of it');
    expect(ofClient()).toEqual([first]);
    await traffic.stop();
  });
});

test('a router without rules tracks nothing: all is unknown', async () => {
  const lab = await createNatLab({ translate: false });
  try {
    const lookups = await Lookups.start(lab.router, INTERFACES);
    await connectTimes(lab.clients[0], SECOND.ipv4, 1, PORT, 40_000);
    const [from, to] = [at(FIRST.ipv4, 40_000), at(SECOND.ipv4, PORT)];
    expect(lookups.of(40_000)).toEqual([
      `in1 egress ${to} > ${from} unknown`,
      `in1 ingress ${from} > ${to} unknown`,
      `in2 egress ${from} > ${to} unknown`,
      `in2 ingress ${to} > ${from} unknown`,
    ]);
    await lookups.close();
  } finally {
    await lab.close();
  }
});

test('where the kernel has no such functions, what never calls them is loaded, and only that', () => {
  const names = ['bpf_skb_ct_lookup', 'bpf_ct_release', 'nf_conn'];
  const renamed = names.map((name) => `#define ${name} no_kernel_has_${name}\n`).join('');
  const object = file('renamed.o');
  compileBpf(`${renamed}#include "../test/kernel/nat.c"\n`, object);
  const load = (isWanted: number) => {
    const opened = new BpfObject(object);
    try {
      opened.map('.rodata.wanted').memory().writeUInt8(isWanted);
      opened.load(['nat_egress', 'nat_ingress']);
    } finally {
      opened.close();
    }
  };
  load(0);
  expect(() => load(1)).toThrow('cannot load the BPF programs');
});

function at(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
