/** What the governor does and what is in force, for people. */
import type { GovernorStep, Occupancy } from '../sampling/governor.js';
import type { Capacity, Settings } from '../sampling/policy.js';
import { durationText, percent } from '../text/units.js';

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
  if (map === 'flows') return `flows are forgotten after ${durationText(flowTimeout)} idle`;
  const factor = rttRate > 0n ? ` and --rtt-rate ${factorText(rttRate)}` : '';
  const change = step === 'up' ? 'raised' : 'lowered';
  return `sampling interval ${change}: --rate ${durationText(rate)}${factor}`;
}

/** The settings in force, as options, and how full the maps are. */
export function stateText(settings: Settings, occupancy: Occupancy, capacity: Capacity): string {
  const of = (map: keyof Capacity) =>
    `${occupancy[map]} of ${capacity[map]} ${map} (${percent(occupancy[map], capacity[map])})`;
  return `settings: ${settingsText(settings)}\nmaps: ${of('flows')}, ${of('timestamps')}`;
}

/** As options. */
export function settingsText(settings: Settings): string {
  const { rttRate, rttType, burst, reportInterval } = settings;
  const options = [
    `--rate ${settings.rate === 0n ? '0' : durationText(settings.rate)}`,
    rttRate > 0n ? `--rtt-rate ${factorText(rttRate)} --rtt-type ${rttType}` : '',
    burst ? `--burst ${burst.count}/${durationText(burst.duration)}` : '',
    reportInterval > 0n ? `--report-interval ${durationText(reportInterval)}` : '',
    `--flow-timeout ${durationText(settings.flowTimeout)}`,
    `--timestamp-timeout ${durationText(settings.timestampTimeout)}`,
    settings.handshake ? '' : '--no-handshake',
    settings.includeLocal ? '--include-local' : '',
  ];
  return options.filter((option) => option !== '').join(' ');
}

/** Thousandths as a decimal number: 1500n is 1.5. */
function factorText(thousandths: bigint): string {
  return String(Number(thousandths) / 1000);
}
