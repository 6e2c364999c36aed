/** The output of a run that is sent to a URL, and what people are told of it. */
import { messageOf } from '../faults.js';
import { textOf } from '../named-files.js';
import type { RunOptions } from '../options/options.js';
import { notify } from '../stdio/notify.js';
import { asciiText } from '../text/ascii.js';
import { count } from '../text/units.js';
import { HttpClient, type Server } from '../upload/client.js';
import { uploadFault } from '../upload/fault-text.js';
import { readHeaders } from '../upload/headers.js';
import { HttpSink, type UploadEvents } from '../upload/http-sink.js';
import { LIMITS } from '../upload/limits.js';
import type { Failure } from '../upload/outcome.js';
import { Spool } from '../upload/spool.js';
import { systemTrust, trustIn } from '../upload/trust.js';
import type { OpenedOutput } from './opened-output.js';
import { type OutputEvents, recoveryText } from './output-events.js';

/** Throws a UsageError where headers, certificates or the spool cannot be used. */
export async function openUpload(
  options: RunOptions,
  { onError, say = notify, isPatient = false }: OutputEvents,
  opened: OpenedOutput,
): Promise<HttpSink> {
  const { spool: folder, spoolSize } = options.upload;
  const server = serverOf(options, opened);
  const faultOf = (failure: Failure) => uploadFault(server.url, failure);
  const spool = folder === undefined ? undefined : await Spool.open(folder, spoolSize);
  const words = new Words(faultOf, folder, say, onError);
  const sink: HttpSink = new HttpSink({
    client: new HttpClient(server, LIMITS.answer),
    spool,
    limits: LIMITS,
    events: words.eventsOf(() => sink.dropped),
    isPatient,
    faultOf,
  });
  return sink;
}

function serverOf({ output = '', upload }: RunOptions, opened: OpenedOutput): Server {
  const url = new URL(output);
  const headers =
    opened.headers === undefined ? [] : readHeaders(opened.headers, upload.headers ?? '');
  return { url, headers, trust: url.protocol === 'https:' ? trustOf(upload, opened) : undefined };
}

function trustOf({ authorities: path = '' }: RunOptions['upload'], { authorities }: OpenedOutput) {
  return authorities === undefined ? systemTrust() : trustIn(textOf(authorities, path), path);
}

/** Attempts that fail are told once for each reason, until one succeeds; batches that are dropped once for each status. */
class Words {
  readonly #faultOf: (failure: Failure) => string;
  readonly #folder: string;
  readonly #say: (text: string) => void;
  readonly #onError: ((message: string) => void) | undefined;
  readonly #rejected = new Set<number>();
  #told = '';

  constructor(
    faultOf: (failure: Failure) => string,
    folder: string | undefined,
    say: (text: string) => void,
    onError: ((message: string) => void) | undefined,
  ) {
    this.#faultOf = faultOf;
    this.#folder = asciiText(folder ?? '');
    this.#say = say;
    this.#onError = onError;
  }

  /** @param dropped how many lines have been, until now */
  eventsOf(dropped: () => number): UploadEvents {
    return {
      onRetry: (retry) => this.#sayOnce(`${this.#faultOf(retry)}; retrying`),
      onRecovery: () => {
        this.#told = '';
        this.#say(recoveryText(dropped()));
      },
      onRejected: (rejection, lines) => {
        if (this.#rejected.has(rejection.status)) return;
        this.#rejected.add(rejection.status);
        this.#fail(`${this.#faultOf(rejection)}; ${count(lines, 'line')} dropped`);
      },
      onStuck: (retry) => this.#fail(this.#faultOf(retry)),
      onSpoolFault: (error) => this.#sayOnce(`${this.#folder}: ${messageOf(error)}`),
      onKept: (lines) =>
        this.#say(
          `${count(lines, 'line')} kept in ${this.#folder}: the next run with this spool sends them`,
        ),
    };
  }

  #sayOnce(text: string): void {
    if (text !== this.#told) this.#say(text);
    this.#told = text;
  }

  /** Who ends the run for it says it. */
  #fail(text: string): void {
    if (this.#onError) this.#onError(text);
    else this.#say(text);
  }
}
