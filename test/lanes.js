/** Which suites `make test` leaves to `make test-all`, and which run alone. All others are fast, and run side by side. */

/**
 * Each takes ten seconds or more on an idle machine, for what a change seldom breaks by itself: hundreds of
 * rounds, large amounts, long waits for many faults. Something fast covers the same code. They begin first,
 * in this order: the longest would be waited for at the end.
 */
export const SLOW = [
  'lab/floods',
  'lab/hidden',
  'lab/soak',
  'lab/kill',
  'lab/recipes',
  'lab/until',
  'lab/output-faults',
  'lab/interface-faults',
  'lab/interface-churn',
  'lab/upload',
  'lab/agreement',
  'lab/losses',
  'lab/keepalive',
  'lab/stripped',
  'lab/behind-bridge',
  'lab/innermost',
  'lab/listeners',
  'lab/before-pping',
  'lab/late-owners',
  'lab/answered',
  'lab/counters',
  'lab/transfer',
  'lab/quic',
  'lab/datagram-owners',
  'lab/metrics',
  'lab/dashboard',
  'lab/dns-metrics',
  'lab/dns-live',
  'lab/routes',
  'kernel/pressure',
  'kernel/race',
  'kernel/hostile',
  'kernel/compilers',
  'kernel/differential',
  'kernel/collisions',
  'kernel/churn',
  'share/capabilities',
  'share/clickhouse',
  'cli/stopped-terminal',
  'replay/mutated-captures',
  'replay/pair',
  'replay/spin',
  'report/million',
  'lab/error-budget',
  'lab/sequence-budget',
];

/** Each compares times with what the lab adds to them: nothing may run beside it. */
export const ALONE = ['lab/accuracy', 'lab/error-budget', 'lab/sequence-budget', 'lab/path'];
