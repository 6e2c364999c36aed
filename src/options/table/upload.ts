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
    help: 'send the headers in this file with each request, one "Name: value" per line, such as a token; refused if other users can read the file',
    completion: 'file',
    sets: 'upload.headers',
    conflicts: [
      {
        with: 'httpHeaders',
        unless: 'output',
        message: '--http-headers needs -o <URL>',
      },
      {
        with: 'output',
        where: isNoUrl,
        message: '--http-headers needs -o <URL>, not a file',
      },
    ],
  },
  {
    flags: '--http-ca <file>',
    help: "trust the CA certificates in this PEM file instead of the system's",
    completion: 'file',
    sets: 'upload.authorities',
    conflicts: [
      { with: 'httpCa', unless: 'output', message: '--http-ca needs -o <URL>' },
      { with: 'output', where: isPlain, message: '--http-ca needs an https:// URL' },
      { with: 'output', where: isNoUrl, message: '--http-ca needs -o <URL>, not a file' },
    ],
  },
  {
    flags: '--spool <dir>',
    help: 'keep what the server does not accept now in this directory, and send it later, even in the next run',
    completion: 'file',
    sets: 'upload.spool',
    conflicts: [
      { with: 'spool', unless: 'output', message: '--spool needs -o <URL>' },
      { with: 'output', where: isNoUrl, message: '--spool needs -o <URL>, not a file' },
    ],
  },
  {
    flags: '--spool-size <size>',
    help: 'maximum disk space for --spool, such as 512M or 1G',
    parse: parseSpoolSize,
    default: DEFAULT_SPOOL_SIZE,
    defaultText: '1G',
    sets: 'upload.spoolSize',
    conflicts: [
      {
        with: 'spoolSize',
        unless: 'spool',
        message: '--spool-size needs --spool',
      },
    ],
  },
] as const satisfies readonly OptionRow[];
