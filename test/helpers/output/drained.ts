/** The end of a sink that has written all it was given. */
import { until } from '../../../lab/until.js';
import type { Sink } from '../../../src/sink/sink.js';

/** close() waits 2 s for what is queued, in which a busy machine may do little: here it finds nothing queued. */
export async function closeDrained(sink: Sink): Promise<void> {
  await until(() => sink.unwritten === sink.dropped, 'all to be written');
  await sink.close();
}
