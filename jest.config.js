import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ALONE, SLOW } from './test/lanes.js';

const SUFFIX = '.test.ts';
/** Suites in these folders load BPF programs or make network namespaces. */
const PRIVILEGED = ['kernel/', 'lab/'];
/** Most of the time most suites wait: for packets, processes and timers. */
const SIDE_BY_SIDE = 3;

export const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
};

/** All that can run here: paths below test/, without .test.ts. */
function suites() {
  const names = readdirSync(join(import.meta.dirname, 'test'), { recursive: true });
  const all = names
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length));
  const unknown = [...SLOW, ...ALONE].filter((suite) => !all.includes(suite));
  if (unknown.length > 0) throw new Error(`test/lanes.js names what is not there: ${unknown}`);
  if (process.getuid?.() === 0) return all;
  const left = all.filter((suite) => !PRIVILEGED.some((folder) => suite.startsWith(folder)));
  console.error(`skipping ${all.length - left.length} suites of test/{kernel,lab}: they need root`);
  return left;
}

const all = suites();

/** The suites of one lane. Jest gives each runner's suites a turn of their own: those that run alone come last. */
function project(displayName, isSlow, isAlone) {
  const own = all.filter(
    (suite) => SLOW.includes(suite) === isSlow && ALONE.includes(suite) === isAlone,
  );
  return {
    ...shared,
    displayName,
    testMatch: own.map((suite) => `<rootDir>/test/${suite}${SUFFIX}`),
    ...(isAlone ? { runner: '<rootDir>/test/helpers/runner/serial-runner.js' } : {}),
  };
}

const projects = [
  project('fast', false, false),
  project('slow', true, false),
  project('fast, alone', false, true),
  project('slow, alone', true, true),
];

export default {
  maxWorkers: SIDE_BY_SIDE,
  testTimeout: 240_000,
  testSequencer: './test/helpers/runner/sequencer.js',
  projects: projects.filter(({ testMatch }) => testMatch.length > 0),
};
