// What nft is told: by the host, and by a container that has another one in it.
import { interfaceName } from '../endpoints.js';
import { addresses, BRIDGE, FEW_PORTS, forwardedPorts, serverPorts, UPLINK } from './places.js';

const { host, internet, service, innerService, containers } = addresses;
const [first, second] = containers;
const forwarded = `tcp dport ${forwardedPorts.first}-${forwardedPorts.last}`;
const TO_SERVICE = `
  ip daddr ${service.ipv4} dnat ip to ${internet.ipv4}
  ip6 daddr ${service.ipv6} dnat ip6 to ${internet.ipv6}
  ip daddr ${innerService.ipv4} dnat ip to ${first.ipv4}
  ip6 daddr ${innerService.ipv6} dnat ip6 to ${first.ipv6}
`;
/** Else the one container would answer the other past the host. */
const FROM_BRIDGE_TO_BRIDGE = `
  ip saddr ${second.ipv4} oifname "${BRIDGE}" masquerade
  ip6 saddr ${second.ipv6} oifname "${BRIDGE}" masquerade
`;

/**
 * The second container's connections are in a conntrack zone of their own, as if its addresses might be
 * another's as well. What answers them cannot be told by its address, and is in that of all.
 */
export const hostRules = `
  table inet zones {
    chain in {
      type filter hook prerouting priority raw
      ip saddr ${second.ipv4} ct original zone set 7
      ip6 saddr ${second.ipv6} ct original zone set 7
    }
  }
  table inet nat {
    chain out {
      type nat hook postrouting priority srcnat
      ${FROM_BRIDGE_TO_BRIDGE}
      oifname != "${UPLINK}" accept
      tcp dport ${serverPorts.routed} accept
      tcp dport ${serverPorts.fewPorts} masquerade to :${FEW_PORTS.first}-${FEW_PORTS.last}
      masquerade
    }
    chain in {
      type nat hook prerouting priority dstnat
      ip daddr ${host.ipv4} ${forwarded} dnat ip to ${first.ipv4}
      ip6 daddr ${host.ipv6} ${forwarded} dnat ip6 to ${first.ipv6}
      ${TO_SERVICE}
    }
    chain own {
      type nat hook output priority -100
      ${TO_SERVICE}
    }
  }
`;

export const containerRules = `
  table inet nat {
    chain out {
      type nat hook postrouting priority srcnat
      oifname "${interfaceName}" masquerade
    }
  }
`;
