/** The byte order of this machine, which is that of its kernel's memory. */
import { endianness } from 'node:os';

export const LITTLE = endianness() === 'LE';
