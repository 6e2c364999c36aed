/** Compressed by zstd, or nearly: frames with their data as it is, which need nothing to be made. */

/** As the standard allows; smaller ones make more of them. */
export const BLOCK_BYTES = 1 << 15;

/** Whether this Node reads zstd: by its version, and not by what it has. */
export const READS_ZSTD = readsZstd();

function readsZstd(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major >= 24 || (major === 23 && minor >= 8) || (major === 22 && minor >= 15);
}

/** A frame of zstd with a window of 64 KiB. */
export function zstdFrame(data: Uint8Array): Buffer {
  const blocks = [];
  for (let at = 0; at < data.length || at === 0; at += BLOCK_BYTES) {
    const block = data.subarray(at, at + BLOCK_BYTES);
    const isLast = at + BLOCK_BYTES >= data.length;
    blocks.push(blockHeader(block.length, 0, isLast), block);
  }
  return Buffer.concat([frameHeader(0, 0x30), ...blocks]);
}

export function frameHeader(descriptor: number, ...rest: readonly number[]): Buffer {
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, descriptor, ...rest]);
}

/** @param type 0: as it is; 1: a byte, so often; 2: compressed */
export function blockHeader(length: number, type: number, isLast: boolean): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((length << 3) | (type << 1) | Number(isLast), 0, 3);
  return header;
}

/** What pzstd writes in front of each frame. */
export function skippableFrame(data: Uint8Array, variant = 0): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a50 + variant, 0);
  header.writeUInt32LE(data.length, 4);
  return Buffer.concat([header, data]);
}

/** What zstd itself has made, of nothing and of `abc` sixteen times; both with a checksum. */
export const ZSTD_OF_NOTHING = Buffer.from(
  '28b52ffd24000100 0099e9d851'.replaceAll(' ', ''),
  'hex',
);
export const ZSTD_OF_ABC = Buffer.from('28b52ffd04584d00001861626301006aba21f00f75b3', 'hex');
