/** One interface with the programs on it: whether they still see what it carries, and who stands in their way. */
import { attach, attachHere } from '../libbpf/attach.js';
import type { AttachMethod, Attachment, Programs } from '../libbpf/attachment.js';
import type { Interface } from '../libbpf/interfaces.js';
import type { Seen } from '../visibility/blindness.js';
import type { Predecessors, Sighting } from '../visibility/sightings.js';
import { Presence } from './presence.js';
import { Visibility } from './visibility.js';

export class WatchedInterface {
  /** As it was called when its watch began. */
  readonly name: string;
  #presentName: string;
  readonly #attachment: Attachment;
  readonly #presence: Presence;
  readonly #visibility: Visibility;

  private constructor(watched: Interface, attachment: Attachment) {
    this.name = watched.name;
    this.#presentName = watched.name;
    this.#attachment = attachment;
    this.#presence = new Presence(watched, attachment);
    this.#visibility = new Visibility(attachment, watched);
  }

  /**
   * Attaches the programs. Throws a Fault where that cannot be.
   * @param method undefined takes TCX where there is one, else clsact
   */
  static async attach(
    watched: Interface,
    programs: Programs,
    method: AttachMethod | undefined,
  ): Promise<WatchedInterface> {
    return new WatchedInterface(watched, await attach(programs, watched.index, method));
  }

  /** The same on this thread, at once: in the network namespace that it is in. */
  static attachHere(
    watched: Interface,
    programs: Programs,
    method: AttachMethod | undefined,
  ): WatchedInterface {
    return new WatchedInterface(watched, attachHere(programs, watched.index, method));
  }

  get attachMethod(): AttachMethod {
    return this.#attachment.method;
  }

  /** As it was called when it was last looked at. */
  get presentName(): string {
    return this.#presentName;
  }

  /** Its present name. Throws a Fault that says why, where its packets are seen no more. */
  requireAttached(): string {
    this.#presentName = this.#presence.require();
    return this.#presentName;
  }

  /** Whether pping sees what it carries; about once a second. @param seen as of Visibility.look(). @returns what is to be told */
  lookOut(seen: Seen | undefined): readonly Sighting[] {
    return this.#visibility.look(seen, performance.now());
  }

  /** All that was to be told of it until now. */
  get sightings(): readonly Sighting[] {
    return this.#visibility.sightings;
  }

  /** Who stands in front of pping now. */
  predecessors(): Predecessors {
    return this.#visibility.predecessors();
  }

  /** Its packets are seen no more. May be called twice. */
  detach(): void {
    this.#attachment.close();
  }

  /** The same on another thread. */
  leave(): Promise<void> {
    return this.#attachment.leave();
  }
}
