/** The table of places, mapped from the kernel. */
import { PLACES_BYTES, type Surroundings, surroundingsIn } from '../events/places.js';
import { Mapping } from '../libbpf/mapping.js';

export const PLACES_MAP = 'places';

export class PlacesMap {
  readonly #mapping: Mapping;

  constructor(fd: number) {
    this.#mapping = new Mapping(fd, 0, PLACES_BYTES, 'read');
  }

  /** Undefined where a packet seen there was in none. */
  surroundingsOf(place: number): Surroundings | undefined {
    const { buffer, byteOffset } = this.#mapping.bytes;
    return surroundingsIn(new DataView(buffer, byteOffset, PLACES_BYTES), place);
  }

  /** May be called twice. */
  close(): void {
    this.#mapping.close();
  }
}
