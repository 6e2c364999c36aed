/** Whose certificates are believed: those that the system trusts, or those of --http-ca. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { UsageError } from '../faults.js';

/** Debian and Alpine; Fedora; SUSE; others. Node by itself knows its own list only. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** What SSL_CERT_FILE names in the environment, as for OpenSSL; else the system's; where there is none, Node's own. */
export function systemTrust(): SecureContext {
  const { SSL_CERT_FILE: file } = process.env;
  if (file) return trustIn(read(file) ?? '', file);
  const ca = BUNDLES.reduce<string | undefined>((found, path) => found ?? read(path), undefined);
  return createSecureContext(ca === undefined ? {} : { ca });
}

/** Throws a UsageError where there is no certificate. @param path as the user gave it */
export function trustIn(certificates: string, path: string): SecureContext {
  try {
    // createSecureContext() passes over what it cannot read.
    new X509Certificate(certificates);
    return createSecureContext({ ca: certificates });
  } catch {
    throw new UsageError(`${path}: no PEM certificates in it`);
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
