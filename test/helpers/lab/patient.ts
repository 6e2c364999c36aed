/** TCP that sends nothing again only because a busy machine is slow to answer. */
import type { Namespace } from '../../../lab/netns.js';

/** Of any connection of this namespace's, by the routes that are there now: after that time it sends again, not before. */
export async function makePatient(ns: Namespace): Promise<void> {
  await ns.run(['sh', '-c', PATIENTLY]);
}

const PATIENTLY = `
  for version in -4 -6; do
    ip $version route show | while read -r route; do
      ip $version route change $route rto_min 20s || exit 1
    done || exit 1
  done
`;
