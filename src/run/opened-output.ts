/** What an output takes that has to be opened before rights are given up: descriptors, which can be handed over. */
import { openSecret, openToRead } from '../named-files.js';
import type { RunOptions } from '../options/options.js';
import { isUrl } from '../output-url.js';
import { type FileOwner, openOutput } from '../sink/open.js';
import { STDOUT } from '../stdio/descriptors.js';
import { makeFolder } from '../upload/folder.js';

export interface OpenedOutput {
  /** What is written; undefined where it is sent to a URL. */
  readonly file?: number | undefined;
  /** What is read of a URL's options; undefined where it is not given. */
  readonly headers?: number | undefined;
  readonly authorities?: number | undefined;
}

/** Throws a UsageError where something cannot be opened. @param owner of what is made; undefined: whoever makes it */
export function openedOutput({ output, upload }: RunOptions, owner?: FileOwner): OpenedOutput {
  if (!isUrl(output)) return { file: openOutput(output, owner) };
  const { headers, authorities, spool } = upload;
  if (spool !== undefined) makeFolder(spool, owner);
  return {
    headers: headers === undefined ? undefined : openSecret(headers),
    authorities: authorities === undefined ? undefined : openToRead(authorities),
  };
}

/** The same, for what is executed next. @param keep a descriptor's copy that stays open */
export function keptOutput(opened: OpenedOutput, keep: (fd: number) => number): OpenedOutput {
  const kept = Object.entries(opened).map(([what, fd]) => [
    what,
    fd === undefined || fd === STDOUT ? fd : keep(fd),
  ]);
  return Object.fromEntries(kept);
}

/** The file that SIGHUP opens anew; undefined where there is none. */
export function fileOf({ output }: RunOptions): string | undefined {
  return isUrl(output) ? undefined : output;
}
