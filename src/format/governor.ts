/** What the governor does and what is in force, for people. */
import type { GovernorStep, Occupancy } from '../sampling/governor.js';
import type { Capacity } from '../sampling/policy.js';
import { durationText, factorText, percent } from '../text/units.js';

/** One line a step. */
export function governorText(step: GovernorStep): string {
  return `governor: ${fillText(step)}, ${changeText(step)}`;
}

function fillText({ map, entries, maxEntries }: GovernorStep): string {
  const name = map === 'flows' ? 'flow' : 'timestamp';
  return `${name} map ${percent(entries, maxEntries)} full (${entries} of ${maxEntries})`;
}

function changeText({ map, step, settings }: GovernorStep): string {
  const { rate, rttRate, flowTimeout } = settings;
  if (map === 'flows') return `idle flows are forgotten after ${durationText(flowTimeout)}`;
  const factor = rttRate > 0n ? ` and --rtt-rate ${factorText(rttRate)}` : '';
  const change = step === 'up' ? 'raised' : 'lowered';
  return `sampling interval ${change}: --rate ${durationText(rate)}${factor}`;
}

/** The settings in force and how full the maps are. @param settings as options */
export function stateText(settings: string, occupancy: Occupancy, capacity: Capacity): string {
  const of = (map: keyof Capacity) =>
    `${occupancy[map]} of ${capacity[map]} ${map} (${percent(occupancy[map], capacity[map])})`;
  return `settings: ${settings}\nmaps: ${of('flows')}, ${of('timestamps')}`;
}
