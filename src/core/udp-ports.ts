/** Which UDP ports have QUIC and DNS, where the core reads it. */
import { STANDARD_PORTS, type UdpPorts } from '../sampling/protocols.js';
import { LITTLE } from './endianness.js';
import { LIMIT, UDP_PORTS } from './layouts.js';

/** At most LIMIT.udpPorts of each, the standard one included. */
export function writeUdpPorts(view: DataView, at: number, ports: UdpPorts): void {
  for (const name of ['quic', 'dns'] as const) {
    const all = [...new Set([STANDARD_PORTS[name], ...ports[name]])];
    if (all.length > LIMIT.udpPorts) throw new RangeError(`there is no room for so many ports`);
    all.forEach((port, index) => {
      view.setUint16(at + UDP_PORTS[name] + 2 * index, port, LITTLE);
    });
  }
}
