// The command many times in one process: in-process.ts sends arguments, and gets what was said and how it ended.

/** Takes what is written to it at once. */
class Told {
  isTTY = false;
  writableLength = 0;
  text = '';

  write(text) {
    this.text += text;
    return true;
  }

  on() {
    return this;
  }

  once() {
    return this;
  }
}

const { main } = await import(process.argv[2]);

process.on('message', async ({ args, folder, umask }) => {
  process.chdir(folder);
  process.umask(umask);
  const [stdout, stderr] = [new Told(), new Told()];
  const undo = [replace('stdout', stdout), replace('stderr', stderr), keepListeners()];
  let outcome;
  try {
    const code = await main(args);
    outcome = { code, stdout: stdout.text, stderr: stderr.text };
  } catch (error) {
    outcome = { error: String(error?.stack ?? error) };
  }
  for (const each of undo) each();
  process.send(outcome);
});
process.send('ready');

/** Returns what undoes it. */
function replace(name, value) {
  const before = Object.getOwnPropertyDescriptor(process, name);
  Object.defineProperty(process, name, { value, configurable: true });
  return () => Object.defineProperty(process, name, before);
}

/** What a command listens to, its process would take along. Returns what takes it off. */
function keepListeners() {
  const all = () =>
    process
      .eventNames()
      .flatMap((name) => process.rawListeners(name).map((each) => ({ name, each })));
  const before = new Set(all().map(({ each }) => each));
  return () => {
    for (const { name, each } of all()) if (!before.has(each)) process.off(name, each);
  };
}
