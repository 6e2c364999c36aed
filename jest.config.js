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

export default {
  testEnvironment: 'node',
  // The lab measures time: nothing may run beside it.
  maxWorkers: 1,
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: isRoot ? [] : PRIVILEGED.map((folder) => `<rootDir>/${folder}/`),
};
