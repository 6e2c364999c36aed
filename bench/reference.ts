// reference <empty|lookup> <interface>: attaches a pair of bench/reference.c until SIGINT or
// SIGTERM: a monitor to measure like any other.
import { join } from 'node:path';
import { repositoryRoot } from '../lab/places.js';
import { attach } from '../src/libbpf/attach.js';
import { findInterface } from '../src/libbpf/interfaces.js';
import { BpfObject } from '../src/libbpf/object.js';

const [pair, interfaceName] = process.argv.slice(2);
if (pair === undefined || interfaceName === undefined) {
  process.stderr.write('usage: reference <empty|lookup> <interface>\n');
  process.exit(2);
}
const object = new BpfObject(join(repositoryRoot, 'dist/bench/reference.o'));
const names = { egress: `${pair}_egress`, ingress: `${pair}_ingress` };
object.load(Object.values(names));
const programs = { egress: object.program(names.egress), ingress: object.program(names.ingress) };
const attachment = await attach(programs, findInterface(interfaceName).index);
const stop = () => {
  attachment.close();
  object.close();
  clearInterval(staying);
};
process.once('SIGINT', stop).once('SIGTERM', stop);
const staying = setInterval(() => {}, 2 ** 31 - 1); // a signal alone keeps no process
