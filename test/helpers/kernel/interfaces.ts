/** The programs for several interfaces, shown packets at any of a network namespace of a test's own. */
import { closeSync, openSync } from 'node:fs';
import ffi from 'node-ffi-napi';
import { type HookName, Kernel, OBJECT_PATH } from '../../../lab/kernel/kernel.js';
import { createNamespace, type Namespace } from '../../../lab/netns.js';
import { checkErrno } from '../../../src/libbpf/errors.js';
import type { BpfObject } from '../../../src/libbpf/object.js';
import { InterfaceMaps } from '../../../src/maps/interfaces.js';
import { PLACES_MAP, PlacesMap } from '../../../src/maps/places.js';
import type { Settings } from '../../../src/sampling/policy.js';
import { batch } from './links.js';

const libc = new ffi.Library(null, { setns: ['int', ['int', 'int']] });

export class TestInterfaces {
  readonly #namespace: Namespace;
  readonly #own = openSync('/proc/self/ns/net', 'r');
  readonly #other: number;

  private constructor(namespace: Namespace) {
    this.#namespace = namespace;
    this.#other = openSync(`/proc/${namespace.pid}/ns/net`, 'r');
  }

  /** @param commands of ip(8) that make them */
  static async create(commands: readonly string[]): Promise<TestInterfaces> {
    const namespace = await createNamespace();
    await batch(namespace, commands);
    return new TestInterfaces(namespace);
  }

  /**
   * Does something that asks the kernel for them. Only for as long as that takes is this thread in there: one
   * that it starts would stay.
   */
  within<Result>(work: () => Result): Result {
    enter(this.#other);
    try {
      return work();
    } finally {
      enter(this.#own);
    }
  }

  async close(): Promise<void> {
    closeSync(this.#own);
    closeSync(this.#other);
    await this.#namespace.close();
  }
}

function enter(namespace: number): void {
  checkErrno('enter a network namespace', libc.setns(namespace, 0));
}

export class SeveralKernel extends Kernel {
  readonly maps: InterfaceMaps;
  readonly #interfaces: TestInterfaces;

  /** @param prepare what else is to be done before it is loaded */
  constructor(
    interfaces: TestInterfaces,
    settings: Partial<Settings> = {},
    prepare?: (object: BpfObject) => void,
  ) {
    super(settings, { areSeveral: true, tunnels: true }, {}, OBJECT_PATH, prepare);
    this.#interfaces = interfaces;
    this.maps = new InterfaceMaps(this.object);
  }

  override show(hook: HookName, data: Buffer, gsoSegments = 0, gsoSize = 0) {
    return this.#interfaces.within(() => super.show(hook, data, gsoSegments, gsoSize));
  }

  override close(): void {
    this.maps.close();
    super.close();
  }

  /** The index of the interface that a place is at. */
  interfaceOf(place: number): number | undefined {
    const places = new PlacesMap(this.object.map(PLACES_MAP).fd);
    const index = places.interfaceOf(place);
    places.close();
    return index;
  }
}
