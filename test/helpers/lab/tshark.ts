/** What tshark's TCP analysis says of the frames of a capture. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Times in nanoseconds. */
export interface Analysed {
  /** tcp.analysis.ack_rtt: since the segment that this frame acknowledges to its very end. */
  readonly ackRtt: number | undefined;
  /** tcp.analysis.acks_frame: that segment's index. */
  readonly acks: number | undefined;
  /** tcp.analysis.initial_rtt: the handshake's, SYN to the client's acknowledgement. */
  readonly initialRtt: number | undefined;
}

const FIELDS = ['ack_rtt', 'acks_frame', 'initial_rtt'];
const MAX_TEXT = 1 << 28;

/** One for each frame, in the order of the file. */
export async function analyse(file: string): Promise<Analysed[]> {
  const fields = FIELDS.flatMap((field) => ['-e', `tcp.analysis.${field}`]);
  const argv = ['-n', '-r', file, '-T', 'fields', ...fields];
  const { stdout } = await promisify(execFile)('tshark', argv, { maxBuffer: MAX_TEXT });
  return stdout.split('\n').slice(0, -1).map(read);
}

function read(line: string): Analysed {
  const [ackRtt, acks, initialRtt] = line.split('\t');
  return {
    ackRtt: nanoseconds(ackRtt),
    acks: acks ? Number(acks) - 1 : undefined,
    initialRtt: nanoseconds(initialRtt),
  };
}

/** Of seconds with nine decimals. */
function nanoseconds(text: string | undefined): number | undefined {
  return text ? Math.round(Number(text) * 1e9) : undefined;
}
