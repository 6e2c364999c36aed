/** As long as the data is waited for. */
const TIMEOUT_MS = 2000;

/** Node would wait for whoever does not read standard error, or the screen. */
export function endUnread(stream: Pick<NodeJS.WriteStream, 'writableLength'>): void {
  const end = () => {
    if (stream.writableLength > 0) process.exit();
  };
  setTimeout(end, TIMEOUT_MS).unref();
}
