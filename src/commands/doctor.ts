/** pping doctor: whether -i would run here, and what to do where it would not. */

import { isatty } from 'node:tty';
import { examine } from '../doctor/examine.js';
import { wouldRun } from '../doctor/finding.js';
import { doctorText } from '../doctor/text.js';
import type { DoctorOptions } from '../options/options.js';
import { areColorsAllowed } from '../stdio/colors.js';
import { STDOUT } from '../stdio/descriptors.js';
import { print } from '../stdio/print.js';

/** @returns the exit code: 0 if it would run */
export async function doctor({ capacity }: DoctorOptions): Promise<number> {
  const findings = await examine(capacity);
  const color = isatty(STDOUT) && areColorsAllowed();
  print(`${doctorText(findings, color)}\n`);
  return wouldRun(findings) ? 0 : 1;
}
