/** Real connections of QUIC: HTTP/3 by ngtcp2's client and server, with a certificate of the moment. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasEnded } from '../../../lab/child.js';
import type { Namespace } from '../../../lab/netns.js';
import { until } from '../../../lab/until.js';

/** What the server has, and how long each is, in bytes. */
export const DOCUMENTS = { small: 1_000, large: 3_000_000 } as const;
const NAME = 'lab';
/** One that no server knows: it names those that it knows (RFC 9000, 6). */
const UNKNOWN_VERSION = '0x1a2a3a4a';

export interface ServerOptions {
  readonly port?: number;
  /** Answers each Initial without a token by a Retry. */
  readonly retry?: boolean;
}

export interface Request {
  /** Default: the small one. */
  readonly document?: keyof typeof DOCUMENTS;
  /** Begins with a version that the server does not know. */
  readonly unknownVersion?: boolean;
  /** Where a session is kept: what finds one there resumes it, with its request in 0-RTT. */
  readonly session?: string;
  /** Of its own connection id; default: 17. */
  readonly idBytes?: number;
}

export class QuicServer {
  readonly port: number;

  private constructor(port: number) {
    this.port = port;
  }

  /**
   * Resolves once it listens, over IPv4 and IPv6. It ends with the namespace.
   * @param folder of its own, which need not be there yet
   */
  static async start(
    namespace: Namespace,
    folder: string,
    { port = 443, retry = false }: ServerOptions = {},
  ): Promise<QuicServer> {
    const { key, certificate } = makeIdentity(folder);
    const options = ['--quiet', '--htdocs', folder, ...(retry ? ['--validate-addr'] : [])];
    const argv = ['gtlsserver', ...options, '*', String(port), key, certificate];
    const child = namespace.spawn(argv, { stdio: 'ignore' });
    const sockets = ['ss', '-Huln', `sport = :${port}`];
    const isListening = async () => (await namespace.run(sockets)).split('\n').length > 2;
    await until(async () => hasEnded(child) || (await isListening()), 'a server of QUIC');
    if (hasEnded(child)) throw new Error(`gtlsserver: ${child.exitCode}`);
    return new QuicServer(port);
  }

  /** One connection with one request. Resolves once the client has got all and has closed it. */
  async ask(from: Namespace, address: string, request: Request = {}): Promise<void> {
    const { document = 'small', unknownVersion = false, session, idBytes } = request;
    const options = ['--quiet', '--exit-on-all-streams-close'];
    if (unknownVersion) options.push(`--version=${UNKNOWN_VERSION}`, '--preferred-versions=v1');
    if (session !== undefined) {
      options.push(`--session-file=${session}.session`, `--tp-file=${session}.parameters`);
    }
    if (idBytes !== undefined) options.push(`--scid=${'5a'.repeat(idBytes)}`);
    const url = `https://${NAME}/${document}`;
    await from.run(['gtlsclient', ...options, address, String(this.port), url]);
    // Else the next one could not resume it.
    if (session !== undefined && !existsSync(`${session}.session`)) {
      throw new Error('gtlsclient has got no session');
    }
  }
}

function makeIdentity(folder: string) {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(DOCUMENTS)) {
    writeFileSync(join(folder, name), Buffer.alloc(bytes));
  }
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  // Signs fast: the time that it takes is part of the first RTT.
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = ['-keyout', key, '-out', certificate];
  const argv = ['req', '-x509', ...kind, ...files, '-subj', `/CN=${NAME}`, '-days', '2'];
  execFileSync('openssl', argv, { stdio: 'pipe' });
  return { key, certificate };
}
