// What the lab needs of the machine, checked first so that what is missing is said in one line.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { connectProgram, relayProgram, trafficProgram } from './places.js';

/** What keeps the lab from running here, in words for the user; undefined when nothing does. */
export function missingRequirement(): string | undefined {
  if (process.getuid?.() !== 0) return 'the lab needs root to create network namespaces';
  const tool = tools.find(({ program }) => !isInstalled(program));
  if (tool !== undefined) return `${tool.program} is missing: install ${tool.from}`;
  if (!may('/dev/net/tun', constants.R_OK | constants.W_OK)) {
    return '/dev/net/tun is missing: load the tun module (modprobe tun)';
  }
  const unbuilt = programs.find(({ path, mode }) => !may(path, mode));
  if (unbuilt !== undefined) return `${unbuilt.path} is not built: run make`;
  return undefined;
}

export function checkRequirements(): void {
  const missing = missingRequirement();
  if (missing !== undefined) throw new Error(missing);
}

const tools = [
  { program: 'ip', from: 'iproute2' },
  { program: 'ss', from: 'iproute2' },
  { program: 'nsenter', from: 'util-linux' },
  { program: 'unshare', from: 'util-linux' },
  { program: 'setpriv', from: 'util-linux' },
];

const programs = [
  { path: relayProgram, mode: constants.X_OK },
  { path: trafficProgram, mode: constants.R_OK },
  { path: connectProgram, mode: constants.R_OK },
];

function isInstalled(program: string): boolean {
  const { PATH = '' } = process.env;
  return PATH.split(delimiter).some((directory) => may(join(directory, program), constants.X_OK));
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
