import type { Endpoints } from '../endpoints.js';
import { transferProgram } from '../places.js';
import { nextLine, start } from '../services.js';

export interface Content {
  readonly bytes: number;
  readonly sha256: string;
}

export interface Transfer {
  /** Allows so many bytes more to be sent; see transfer.ts. */
  allow(bytes: number): void;
  /** Allows all; resolves when that is done, with what has left one end and come to the other. */
  finish(): Promise<{ readonly sent: Content; readonly received: Content }>;
}

/** From the client's end to the server's: so many bytes, made of the seed. */
export async function startTransfer(
  { client, server }: Endpoints,
  address: string,
  { bytes, seed }: { readonly bytes: number; readonly seed: number },
): Promise<Transfer> {
  const receiver = start(server, ['receive', address], transferProgram);
  const [, port = ''] = (await nextLine(receiver)).split(' ');
  const sending = ['send', address, port, String(bytes), String(seed)];
  const sender = start(client, sending, transferProgram);
  return {
    allow: (more) => sender.stdin?.write(`${more}\n`),
    async finish() {
      const content = [sender, receiver].map(async (end) => JSON.parse(await nextLine(end)));
      sender.stdin?.end();
      const [sent, received] = (await Promise.all(content)) as [Content, Content];
      return { sent, received };
    },
  };
}
