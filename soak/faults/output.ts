// Faults of what the monitor writes to.
import { type Fault, pause } from './fault.js';

export const outputFaults: readonly Fault[] = [
  {
    name: 'disk full',
    run: ({ output, random }) =>
      output.inTurn(async () => {
        output.fillDisk();
        const milliseconds = await pause(random, 1_000, 4_000);
        output.freeDisk();
        return `for ${milliseconds} ms`;
      }),
  },
  {
    name: 'FIFO, its reader pauses',
    run: ({ output, random }) =>
      output.inTurn(async () => {
        await output.useFifo();
        await pause(random, 200, 1_000);
        output.isPaused = true;
        const milliseconds = await pause(random, 1_000, 8_000);
        output.isPaused = false;
        await pause(random, 200, 1_000);
        await output.rotate();
        return `for ${milliseconds} ms`;
      }),
  },
  {
    name: 'output removed, then SIGHUP',
    run: ({ output }) =>
      output.inTurn(async () => {
        const { size } = output;
        await output.remove();
        return `of ${size} bytes`;
      }),
  },
];
