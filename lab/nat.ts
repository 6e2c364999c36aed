// A router between two networks: two clients behind it, a server outside.
//
//   clients[0] --- in1 +--------+
//                      | router | out0 --- server
//   clients[1] --- in2 +--------+
//
// With `translate` it hides the clients behind its outer address, and forwards a port of that to the
// second client.
import { building } from './cleanup.js';
import { createNamespace, type Namespace } from './netns.js';
import { checkRequirements } from './requirements.js';
import { forward, joinHost } from './router.js';

export interface NatLab {
  /** Each has one interface, as the ends of every lab network. */
  readonly clients: readonly [Namespace, Namespace];
  readonly server: Namespace;
  readonly router: Namespace;
  close(): Promise<void>;
}

/** The router's interfaces: to the clients, and to the server. */
export const innerInterfaces = ['in1', 'in2'] as const;
export const outerInterface = 'out0';

/** Of the hosts, and of the router as each of them knows it. */
export const natAddresses = {
  server: { ipv4: '10.78.0.2', ipv6: 'fd78::2' },
  clients: [
    { ipv4: '10.78.1.2', ipv6: 'fd78:1::2' },
    { ipv4: '10.78.2.2', ipv6: 'fd78:2::2' },
  ],
  router: {
    outer: { ipv4: '10.78.0.1', ipv6: 'fd78::1' },
    inner: [
      { ipv4: '10.78.1.1', ipv6: 'fd78:1::1' },
      { ipv4: '10.78.2.1', ipv6: 'fd78:2::1' },
    ],
  },
} as const;

/** Of the router's outer address, and of the second client that it stands for. */
export const forwardedPort = { outer: 8080, inner: 80 } as const;

/** @param translate false: it forwards, and has no rules; then the kernel tracks no connections */
export function createNatLab({ translate = true } = {}): Promise<NatLab> {
  return building(async (cleanup) => {
    checkRequirements();
    const create = async () => {
      const namespace = await createNamespace();
      cleanup.add(() => namespace.close());
      return namespace;
    };
    const [router, server] = [await create(), await create()];
    const clients = [await create(), await create()] as const;
    await forward(router);
    const { outer, inner } = natAddresses.router;
    await joinHost(router, outerInterface, outer, server, natAddresses.server);
    await joinHost(router, innerInterfaces[0], inner[0], clients[0], natAddresses.clients[0]);
    await joinHost(router, innerInterfaces[1], inner[1], clients[1], natAddresses.clients[1]);
    if (translate) await router.run(['nft', RULES]);
    return { clients, server, router, close: () => cleanup.run() };
  });
}

const { ipv4: outer4, ipv6: outer6 } = natAddresses.router.outer;
const { ipv4: behind4, ipv6: behind6 } = natAddresses.clients[1];
const RULES = `
  table inet nat {
    chain out {
      type nat hook postrouting priority srcnat
      oifname "${outerInterface}" masquerade
    }
    chain in {
      type nat hook prerouting priority dstnat
      ip daddr ${outer4} tcp dport ${forwardedPort.outer} dnat ip to ${behind4}:${forwardedPort.inner}
      ip6 daddr ${outer6} tcp dport ${forwardedPort.outer} dnat ip6 to [${behind6}]:${forwardedPort.inner}
    }
  }
`;
