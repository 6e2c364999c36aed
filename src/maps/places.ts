/** The table of places, mapped from the kernel. */
import { interfaceIn, PLACES_BYTES, type Surroundings, surroundingsIn } from '../events/places.js';
import { Mapping } from '../libbpf/mapping.js';

export const PLACES_MAP = 'places';

export class PlacesMap {
  readonly #mapping: Mapping;

  constructor(fd: number) {
    this.#mapping = new Mapping(fd, 0, PLACES_BYTES, 'read');
  }

  /** Undefined where a packet seen there was in none. */
  surroundingsOf(place: number): Surroundings | undefined {
    return surroundingsIn(this.#table, place);
  }

  /** Of several interfaces, the index of the one that it is at; undefined where the table had no room. */
  interfaceOf(place: number): number | undefined {
    return interfaceIn(this.#table, place);
  }

  /** May be called twice. */
  close(): void {
    this.#mapping.close();
  }

  get #table(): DataView {
    const { buffer, byteOffset } = this.#mapping.bytes;
    return new DataView(buffer, byteOffset, PLACES_BYTES);
  }
}
