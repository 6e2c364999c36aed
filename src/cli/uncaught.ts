/** Errors that nobody has caught: mistakes of pping itself. */

/**
 * From now on such an error ends the process at once, for nothing can be relied on any more. On
 * 'exit' what was attached is taken off and the terminal is given back; only then is it told.
 * @param report tells of the error, and says the exit code
 */
export function endOnUncaught(report: (error: unknown) => number): void {
  const end = (error: unknown) => {
    process.once('exit', () => {
      process.exitCode = report(error);
    });
    process.exit(1);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}
