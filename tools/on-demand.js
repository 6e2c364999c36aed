// What has been loaded before what. esbuild makes a file for each set of modules on demand that share something, also
// where they never come alone: 70 files for a start, each of which takes Node half a millisecond and more.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

const FIRST = 'src/cli/main.ts';
/** By a module, what is loaded on demand after it, in each run. Where that is not so, more is loaded than is needed. */
const AFTER = {
  [FIRST]: [
    'src/anonymization/anonymizers.ts',
    'src/anonymization/key.ts',
    'src/commands/start.ts',
    'src/commands/version.ts',
    'src/libbpf/ffi.ts',
    'src/options/hosts.ts',
    'src/options/options.ts',
    'src/options/prefix.ts',
    'src/resolver/found-names.ts',
    'src/resolver/reverse-lookup.ts',
    'src/run/upload-output.ts',
  ],
  'src/options/options.ts': [
    'src/commands/completion.ts',
    'src/commands/doctor.ts',
    'src/commands/replay.ts',
    'src/commands/report.ts',
    'src/resolver/addresses.ts',
  ],
  'src/commands/start.ts': [
    'src/commands/monitor.ts',
    // Not so: but nobody waits for what the doctor loads.
    'src/doctor/interfaces.ts',
    'src/doctor/others.ts',
    'src/doctor/owners.ts',
    'src/doctor/programs.ts',
    'src/live/conntrack.ts',
    'src/owners/cgroup-paths.ts',
    'src/owners/selection.ts',
    'src/run/terminal.ts',
  ],
  'src/commands/monitor.ts': [
    'src/commands/live-parts.ts',
    'src/run/attribution.ts',
    'src/run/live-view.ts',
  ],
  'src/commands/live-parts.ts': ['src/run/metrics-endpoint.ts'],
};
/** Small ones, which most runs need: together with the first. */
const WITH_FIRST = [
  'src/forget-oldest.ts',
  'src/installation/installed.ts',
  'src/named-files.ts',
  'src/output-url.ts',
  'src/own-path.ts',
  'src/run/output-events.ts',
  'src/sink/waiting.ts',
  'src/stdio/notify.ts',
  'src/stdio/print.ts',
  'src/text/address.ts',
  'src/text/units.ts',
];

/** A plugin for esbuild: what comes later imports what has been loaded by then. */
export const onDemand = {
  name: 'modules on demand',
  setup(build) {
    for (const [path, imports] of importsOf()) {
      const more = imports.map((each) => `\nimport '${existing(each)}';`).join('');
      build.onLoad({ filter: new RegExp(`^${existing(path)}$`) }, async () => ({
        contents: (await readFile(path, 'utf8')) + more,
        loader: 'ts',
      }));
    }
  },
};

function importsOf() {
  const later = Object.entries(AFTER).flatMap(([before, all]) =>
    all.map((each) => [each, [before]]),
  );
  return [[FIRST, WITH_FIRST], ...later];
}

function existing(path) {
  if (!existsSync(path)) throw new Error(`tools/on-demand.js: there is no ${path}`);
  return resolve(path);
}
