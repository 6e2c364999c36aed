/** The output of a run: opened, opened anew after SIGHUP, and what goes wrong with it. */
import { isatty } from 'node:tty';
import { messageOf } from '../faults.js';
import type { RunOptions } from '../options/options.js';
import { FileSink } from '../sink/file-sink.js';
import { reopenOutput } from '../sink/open.js';
import type { Sink } from '../sink/sink.js';
import { areColorsAllowed } from '../stdio/colors.js';
import { STDOUT } from '../stdio/descriptors.js';
import { notify } from '../stdio/notify.js';
import { asciiText } from '../text/ascii.js';
import { count } from '../text/units.js';
import { fileOf, openedOutput } from './opened-output.js';
import { type OutputEvents, recoveryText } from './output-events.js';
import type { Shutdown } from './shutdown.js';

/** @param opened by now, or here */
export async function openSink(
  options: RunOptions,
  events: OutputEvents,
  opened = openedOutput(options),
): Promise<Sink> {
  const { file } = opened;
  if (file !== undefined) return fileSink(options, events, file);
  // Loaded only where it is wanted.
  const { openUpload } = await import('./upload-output.js');
  return openUpload(options, events, opened);
}

/** Writes that fail are told once for each reason, until they succeed again. */
function fileSink(
  { output }: RunOptions,
  { onBrokenPipe, onError, say = notify }: OutputEvents,
  fd: number,
): Sink {
  let told = '';
  const events = {
    onBrokenPipe,
    onError: (message: string) => {
      if (message !== told) say(message);
      told = message;
      onError?.(message);
    },
    onRecovery: () => {
      told = '';
      say(recoveryText(sink.dropped));
    },
    onRemoved: () => say(removalText(output)),
  };
  const sink = new FileSink(fd, events, output);
  return sink;
}

/** Standard output may be a file, too. */
function removalText(output: string | undefined): string {
  if (output === undefined)
    return 'the output file was deleted: its content is gone when this run ends';
  return `${asciiText(output)} was deleted: its content is gone when this run ends; SIGHUP recreates it`;
}

/**
 * SIGHUP: a file is opened anew, as whoever has moved it away expects; what goes to a terminal
 * ends with it; for a URL it means nothing. All others that end a program end the run.
 * @returns what undoes this
 */
export function onSignals(
  options: RunOptions,
  shutdown: Shutdown,
  sink: Sink,
  say: (text: string) => void = notify,
): () => void {
  if (options.output === undefined) return shutdown.onSignals(['SIGHUP', 'SIGINT', 'SIGTERM']);
  const undo = shutdown.onSignals(['SIGINT', 'SIGTERM']);
  const file = fileOf(options);
  const reopen = () => {
    if (file === undefined) return;
    try {
      sink.reopen?.(reopenOutput(file));
    } catch (error) {
      say(`${asciiText(messageOf(error))}; still writing to the open file`);
    }
  };
  process.on('SIGHUP', reopen);
  // SIGHUP since it was opened: bin/pping drops it, and a process that begins anew has not heard of it.
  if (file !== undefined && sink.hasLeft?.(file)) reopen();
  return () => {
    undo();
    process.off('SIGHUP', reopen);
  };
}

/** Whatever ends the process in the middle of a run, but for SIGKILL. @returns what undoes this */
export function onExit(leave: () => void): () => void {
  process.once('exit', leave);
  return () => process.off('exit', leave);
}

/** For when there will be no summary to say it. */
export function notifyUnwritten({ unwritten }: Sink): void {
  if (unwritten > 0) notify(`up to ${count(unwritten, 'line')} not written`);
}

export function isColorWanted(options: RunOptions): boolean {
  return options.color && areColorsAllowed() && isOnTerminal(options);
}

/** Whether somebody watches the data as it comes. */
export function isOnTerminal({ output }: RunOptions): boolean {
  return output === undefined && isatty(STDOUT);
}
