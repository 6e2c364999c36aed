// What is where in the lab: names, addresses and ports.

/** The host's interfaces: outwards, the bridge, and its ports, where the containers are. */
export const UPLINK = 'wan0';
export const BRIDGE = 'br0';
export const PORTS = ['port0', 'port1'] as const;
/** A container's, to the one in it. */
export const inside = 'in0';

/** Of each end of a link, as the other end knows it. */
export const addresses = {
  internet: { ipv4: '10.79.0.2', ipv6: 'fd79::2' },
  host: { ipv4: '10.79.0.1', ipv6: 'fd79::1' },
  bridge: { ipv4: '172.18.0.1', ipv6: 'fd18::1' },
  containers: [
    { ipv4: '172.18.0.2', ipv6: 'fd18::2' },
    { ipv4: '172.18.0.3', ipv6: 'fd18::3' },
  ],
  inside: { ipv4: '192.168.79.1', ipv6: 'fdc0::1' },
  nested: { ipv4: '192.168.79.2', ipv6: 'fdc0::2' },
  /** Of no machine: the host has the internet's server answer for it. */
  service: { ipv4: '10.96.0.1', ipv6: 'fd96::1' },
  /** Likewise; it is the first container that answers. */
  innerService: { ipv4: '10.96.0.2', ipv6: 'fd96::2' },
} as const;

/** What connections meet on their way is chosen by the port that they are to. */
export const serverPorts = {
  /** Hidden behind any port of the host's address. */
  hidden: 80,
  /** Hidden behind one of FEW_PORTS. */
  fewPorts: 81,
  /** Not hidden: the internet knows the way back. */
  routed: 82,
} as const;

/** So few that each stands for another connection within moments. */
export const FEW_PORTS = { first: 61_000, last: 61_007 } as const;

/** Of the host's outer address, each for the same port of the first container. */
export const forwardedPorts = { first: 8080, last: 8084 } as const;
