/** Certificates for servers of tests, made by openssl. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from './collector.js';

/** Of a host, signed by an authority whose certificate is then in authority.pem of that folder. */
export function makeCertificate(folder: string, host: string): Certificate {
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const key = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', path(`${name}.key`)];
  const authority = ['-CA', path('authority.pem'), '-CAkey', path('authority.key')];
  const days = ['-days', '2'];
  openssl(
    'req',
    '-x509',
    ...key('authority'),
    '-out',
    path('authority.pem'),
    '-subj',
    '/CN=test',
    ...days,
  );
  openssl('req', ...key('server'), '-out', path('server.csr'), '-subj', `/CN=${host}`);
  writeFileSync(path('server.ext'), `subjectAltName=DNS:${host}\n`);
  const files = [
    '-in',
    path('server.csr'),
    '-out',
    path('server.pem'),
    '-extfile',
    path('server.ext'),
  ];
  openssl('x509', '-req', ...files, ...authority, '-CAcreateserial', ...days);
  return {
    key: readFileSync(path('server.key'), 'utf8'),
    cert: readFileSync(path('server.pem'), 'utf8'),
  };
}
