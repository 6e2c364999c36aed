/** Jest's own order, but that slow suites begin first: whatever is begun last is waited for alone. */
import DefaultSequencer from '@jest/test-sequencer';
import { SLOW } from '../../lanes.js';

export default class Sequencer extends DefaultSequencer {
  sort(tests) {
    const placeOf = ({ path }) => {
      const place = SLOW.findIndex((suite) => path.endsWith(`/test/${suite}.test.ts`));
      return place < 0 ? SLOW.length : place;
    };
    return super.sort(tests).sort((one, other) => placeOf(one) - placeOf(other));
  }
}
