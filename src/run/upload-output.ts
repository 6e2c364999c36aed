/** The output of a run that is sent to a URL. */
import { textOf } from '../named-files.js';
import type { RunOptions } from '../options/options.js';
import { notify } from '../stdio/notify.js';
import { HttpClient, type Server } from '../upload/client.js';
import { uploadFault } from '../upload/fault-text.js';
import { readHeaders } from '../upload/headers.js';
import { HttpSink } from '../upload/http-sink.js';
import { LIMITS } from '../upload/limits.js';
import type { Failure } from '../upload/outcome.js';
import { Spool } from '../upload/spool.js';
import { systemTrust, trustIn } from '../upload/trust.js';
import type { OpenedOutput } from './opened-output.js';
import type { OutputEvents } from './output-events.js';
import { spoolFault, uploadWords } from './upload-words.js';

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
  const sink: HttpSink = new HttpSink({
    client: new HttpClient(server, LIMITS.answer),
    spool,
    limits: LIMITS,
    events: uploadWords({ faultOf, folder, say, onError, dropped: () => sink.dropped }),
    ...{ isPatient, faultOf },
    spoolFaultOf: (error) => spoolFault(folder, error),
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
