/** Who or what keeps packets from pping, as JSON; the schema is docs/ndjson.md. */
import type { Predecessor } from '../core/hooks.js';
import { asciiJson } from '../text/ascii.js';
import type { Hidden, Sighting } from '../visibility/sightings.js';

/** The fields after those that every object has. */
export function visibilityFields(sighting: Sighting): string {
  const { change, hook, predecessors } = sighting;
  const programs = predecessors.map(predecessorObject).join(',');
  const hidden = change === 'hidden' ? hiddenFields(sighting) : '';
  return `"change":"${change}","hook":"${hook}"${hidden},"programs":[${programs}]`;
}

function hiddenFields({ cause, xdp, seenPackets, packets, bytes, seconds }: Hidden): string {
  return (
    `,"cause":"${cause}"${cause === 'xdp' ? `,"xdp":${xdp}` : ''},"seconds":${seconds}` +
    `,"seen_packets":${seenPackets},"interface_packets":${packets},"interface_bytes":${bytes}`
  );
}

function predecessorObject({ programId, name, priority }: Predecessor): string {
  const fields = [
    programId > 0 ? `"id":${programId}` : '',
    name === '' ? '' : `"name":${asciiJson(name)}`,
    priority === undefined ? '' : `"pref":${priority}`,
  ];
  return `{${fields.filter((field) => field !== '').join(',')}}`;
}
