/** How often is sampled, for people. */
import type { Settings } from '../sampling/policy.js';
import { type AskedProtocols, isDnsAlone } from '../sampling/protocols.js';
import { durationText } from '../text/units.js';

/** None of DNS alone, of which each query counts. */
export function rateTexts(settings: Settings, protocols: AskedProtocols): string[] {
  return isDnsAlone(protocols) ? [] : [rateText(settings)];
}

export function rateText({ rate, rttRate, rttType, burst }: Settings): string {
  const most = burst
    ? `at most ${burst.count} samples (within ${durationText(burst.duration)})`
    : 'at most one sample';
  const fixed =
    rate === 0n ? 'every identifier' : `${most} per flow and direction every ${durationText(rate)}`;
  if (rttRate === 0n) return fixed;
  return `${fixed} until its RTT is known, then every ${Number(rttRate) / 1000} x ${rttType} RTT`;
}
