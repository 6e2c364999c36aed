/** The byte order of this machine, which is that of its kernel's memory. */
import { endianness } from 'node:os';

/**
 * Where each event or line asks for it, a constant of the module's own is to be made of it: engines take
 * none that is imported for one, and an event would take a fifth longer.
 */
export const LITTLE = endianness() === 'LE';
