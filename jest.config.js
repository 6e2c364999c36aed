import { readdirSync } from 'node:fs';

/** Tests that load BPF programs or make network namespaces. */
const PRIVILEGED = ['test/kernel', 'test/lab'];

const isRoot = process.getuid?.() === 0;
if (!isRoot) {
  const files = PRIVILEGED.flatMap((folder) => readdirSync(folder)).filter((name) =>
    name.endsWith('.test.ts'),
  );
  console.error(`skipping ${files.length} test files (${PRIVILEGED.join(', ')}): they need root`);
}

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

const sideBySide = {
  ...shared,
  displayName: 'side by side',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: PRIVILEGED.map((folder) => `<rootDir>/${folder}/`),
};

/** The lab measures time: nothing may run beside it. */
const alone = {
  ...shared,
  displayName: 'alone',
  runner: '<rootDir>/test/helpers/serial-runner.js',
  testMatch: PRIVILEGED.map((folder) => `<rootDir>/${folder}/**/*.test.ts`),
};

export default { maxWorkers: 2, projects: isRoot ? [sideBySide, alone] : [sideBySide] };
