/** What went wrong between here and the server, in words. */
import { fileFault } from '../error-names.js';
import { nameOfUrl } from '../output-url.js';
import { asciiText } from '../text/ascii.js';
import type { Failure } from './outcome.js';

/** By the codes of Node, which has its own for name resolution, and none of the system's for some ends of connections. */
const TEXTS: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'temporary failure looking up the host',
  ECONNRESET: 'connection reset by the server',
  ENOTFOUND: 'no such host',
  EPIPE: 'connection closed by the server',
};

/** `https://db.example/: connection refused`, without what may be secret. */
export function uploadFault(url: URL, failure: Failure): string {
  return `${asciiText(nameOfUrl(url))}: ${wordsOf(failure)}`;
}

function wordsOf(failure: Failure): string {
  if (failure.kind === 'rejected') return answerText(failure.status, failure.line);
  const { reason, line = '' } = failure;
  return typeof reason === 'number' ? answerText(reason, line) : errorText(reason);
}

function answerText(status: number, line: string): string {
  const more = status >= 300 && status < 400 ? '; redirects are not followed' : '';
  return `answered ${status}${more}${line === '' ? '' : `: ${asciiText(line)}`}`;
}

/** Of a host with several addresses, what went wrong with the first. */
function errorText(error: Error): string {
  if (error instanceof AggregateError) return errorText(error.errors[0] as Error);
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'EPROTO') return handshakeText(error);
  return TEXTS[code] ?? fileFault(error, undefined) ?? asciiText(error.message || error.name);
}

/** What the TLS library says is in the midst of where in its source it says so. */
function handshakeText({ message }: Error): string {
  const [, reason] = /:SSL routines:[^:]*:([^:]+)/.exec(message) ?? [];
  return `TLS handshake failed${reason === undefined ? '' : ` (${asciiText(reason)})`}`;
}
