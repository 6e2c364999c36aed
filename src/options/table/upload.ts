/** How lines are sent to a URL. */
import { isUrl } from '../../output-url.js';
import { parseSpoolSize } from '../arguments.js';
import type { OptionRow } from '../row.js';

const isNoUrl = (output: string | undefined) => !isUrl(output);
const isPlain = (output: string | undefined) => /^http:/i.test(output ?? '');
const DEFAULT_SPOOL_SIZE = 2 ** 30;

export const UPLOAD = [
  {
    flags: '--http-headers <file>',
    help: 'send the headers in this file with each request, one "Name: value" a line, such as a token; refused if others can read the file',
    completion: 'file',
    sets: 'upload.headers',
    conflicts: [
      {
        with: 'httpHeaders',
        unless: 'output',
        message: '--http-headers means nothing without -o <URL>',
      },
      {
        with: 'output',
        where: isNoUrl,
        message: '--http-headers means nothing with a file: -o <URL>',
      },
    ],
  },
  {
    flags: '--http-ca <file>',
    help: 'believe the certificates that an authority in this file (PEM) has signed, instead of those that the system trusts',
    completion: 'file',
    sets: 'upload.authorities',
    conflicts: [
      { with: 'httpCa', unless: 'output', message: '--http-ca means nothing without -o <URL>' },
      { with: 'output', where: isPlain, message: '--http-ca means nothing without TLS: https://' },
      { with: 'output', where: isNoUrl, message: '--http-ca means nothing with a file: -o <URL>' },
    ],
  },
  {
    flags: '--spool <dir>',
    help: 'keep what the server does not take now in this directory, and send it later, also in the next run',
    completion: 'file',
    sets: 'upload.spool',
    conflicts: [
      { with: 'spool', unless: 'output', message: '--spool means nothing without -o <URL>' },
      { with: 'output', where: isNoUrl, message: '--spool means nothing with a file: -o <URL>' },
    ],
  },
  {
    flags: '--spool-size <size>',
    help: 'use at most so much of the disk for --spool, such as 512M or 1G',
    parse: parseSpoolSize,
    default: DEFAULT_SPOOL_SIZE,
    defaultText: '1G',
    sets: 'upload.spoolSize',
    conflicts: [
      {
        with: 'spoolSize',
        unless: 'spool',
        message: '--spool-size means nothing without --spool',
      },
    ],
  },
] as const satisfies readonly OptionRow[];
