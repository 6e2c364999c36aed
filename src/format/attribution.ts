/** Whose a connection is, for people. */
import { nameOf } from '../attribution/label.js';
import type { Attribution, OriginalEnd, Owner } from '../attribution/owner.js';
import { asciiText } from '../text/ascii.js';
import { type HostNames, hostEndpointText } from '../text/host.js';

/** `checkout.service curl[4242]`, and `nat` with what was translated as it was before; '' where nothing is known. */
export function attributionText(
  { owner, original }: Attribution = {},
  ipVersion: 4 | 6,
  names?: HostNames,
): string {
  if (owner === undefined && original === undefined) return '';
  const texts = owner ? [nameOf(owner), processText(owner) ?? listenerText(owner)] : [];
  return asciiText(
    [...texts, natText(original, ipVersion, names)].filter((text) => text).join(' '),
  );
}

/** In the place of the process, as long as that is not known. */
function listenerText({ listenerComm: comm, listenerPid: pid }: Owner): string | undefined {
  const text = processText({ comm, pid });
  return text === undefined ? undefined : `listener ${text}`;
}

function processText({ comm, pid }: Pick<Owner, 'comm' | 'pid'>): string | undefined {
  if (pid === undefined) return comm;
  return comm === undefined ? `pid ${pid}` : `${comm}[${pid}]`;
}

/** One end as a rule; both as a flow is written, the end that answered first. */
function natText(
  original: Attribution['original'],
  ipVersion: 4 | 6,
  names: HostNames | undefined,
): string | undefined {
  if (original === undefined) return undefined;
  if (original === null) return 'nat ?';
  const text = ({ address, port }: OriginalEnd) =>
    hostEndpointText(address, port, ipVersion, names);
  const ends = [original.src, original.dest].filter((end) => end !== undefined);
  return ends.length > 0 ? `nat ${ends.map(text).join('+')}` : undefined;
}
