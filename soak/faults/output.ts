// Faults of what the monitor writes to.
import { type Fault, pause } from './fault.js';

export const outputFaults: readonly Fault[] = [
  {
    name: 'disk full',
    run: ({ ground, output, random }) =>
      output.inTurn(async () => {
        ground.disk.fill({ but: 0 });
        const milliseconds = await pause(random, 1_000, 4_000);
        ground.disk.free();
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
