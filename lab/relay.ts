// The delay line of lab/relay.c: started, steered and asked from here.
import { spawn } from 'node:child_process';
import { Answers } from './answers.js';
import { end } from './child.js';
import { building } from './cleanup.js';
import { enteredNamespace, runIn } from './netns.js';
import { relayProgram } from './places.js';

export interface Relay {
  /** Moves one of the two devices out of the relay's namespace and gives it its name. */
  moveDevice(device: 'a' | 'b', pid: number, name: string): Promise<void>;
  /** Resolves when the relay has obeyed: frames it reads from then on take the new delay. */
  setDelay(us: number): Promise<void>;
  /** The same of what it does to frames beside delaying them. */
  setFaults(faults: Faults): Promise<void>;
  stats(): Promise<RelayStats>;
  /** The devices vanish. */
  close(): Promise<void>;
}

/** Of a thousand frames, whatever their direction; always the same ones (faults.h). */
export interface Faults {
  readonly lost: number;
  /** Change places with one of the eight before them. */
  readonly early: number;
}

/** What the relay really did since it started, a to b and b to a. */
export interface RelayStats {
  /** One way. */
  readonly delayUs: number;
  readonly aToB: DirectionStats;
  readonly bToA: DirectionStats;
}

export interface DirectionStats {
  /** Delivered. */
  readonly frames: number;
  /** The queue was full. */
  readonly dropped: number;
  /** The other end was not up, as while a path is being built. */
  readonly undeliverable: number;
  /** As was asked for. */
  readonly lost: number;
  readonly early: number;
  /** By how much frames left later than the delay asked for. */
  readonly lateUs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/**
 * The relay runs in a namespace of its own, so that the host never sees the devices and whatever
 * manages the host's network keeps its hands off them.
 */
export function startRelay(delayUs: number, capture?: string): Promise<Relay> {
  return building(async (cleanup) => {
    const args = ['a', 'b', String(delayUs), ...(capture === undefined ? [] : [capture])];
    const child = spawn('unshare', ['--net', relayProgram, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    cleanup.add(() => end(child).then(() => {}));
    const lines = new Answers(child, 'the relay');
    const [pid] = await Promise.all([enteredNamespace(child), lines.next()]); // "ready"
    const ask = async (commands: string): Promise<RelayStats> => {
      child.stdin?.write(commands);
      return parseStats(await lines.next());
    };
    return {
      async moveDevice(device, toPid, name) {
        await runIn(pid, [
          'ip',
          'link',
          'set',
          'dev',
          device,
          'netns',
          String(toPid),
          'name',
          name,
        ]);
      },
      async setDelay(us) {
        const { delayUs } = await ask(`delay ${us}\nstats\n`);
        if (delayUs !== us) throw new Error(`the relay does not take a delay of ${us} us`);
      },
      async setFaults({ lost, early }) {
        await ask(`faults ${lost} ${early}\nstats\n`);
      },
      stats: () => ask('stats\n'),
      close: () => cleanup.run(),
    };
  });
}

interface Report {
  delay_us: number;
  a_to_b: ReportedDirection;
  b_to_a: ReportedDirection;
}

interface ReportedDirection {
  frames: number;
  dropped: number;
  undeliverable: number;
  lost: number;
  early: number;
  late_us: { p50: number; p99: number; max: number };
}

function parseStats(line: string): RelayStats {
  const report = JSON.parse(line) as Report;
  return {
    delayUs: report.delay_us,
    aToB: directionStats(report.a_to_b),
    bToA: directionStats(report.b_to_a),
  };
}

function directionStats({ late_us, ...counts }: ReportedDirection): DirectionStats {
  return { ...counts, lateUs: late_us };
}
