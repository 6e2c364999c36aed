import { shared } from '../jest.config.js';

/** One file after the other, in one process: guests are slow. */
export default {
  ...shared,
  maxWorkers: 1,
  roots: ['src', 'lab', 'test', 'kernels'].map((folder) => `<rootDir>/${folder}`),
  testMatch: ['<rootDir>/{kernels,test}/**/*.test.ts'],
};
