/** Which UDP ports have QUIC and DNS, where the core reads it. */
import { allUdpPorts, type UdpPorts } from '../sampling/protocols.js';
import { LITTLE } from './endianness.js';
import { LIMIT, UDP_PORTS } from './layouts.js';

/** At most LIMIT.udpPorts of each, the standard one included. */
export function writeUdpPorts(view: DataView, at: number, ports: UdpPorts): void {
  const all = allUdpPorts(ports);
  for (const name of ['quic', 'dns'] as const) {
    if (all[name].length > LIMIT.udpPorts)
      throw new RangeError(`there is no room for so many ports`);
    all[name].forEach((port, index) => {
      view.setUint16(at + UDP_PORTS[name] + 2 * index, port, LITTLE);
    });
  }
}
