/** What shows losses, as JSON; each field has a comma before it. */
import type { Losses } from '../events/types.js';
import { type Piece, pieceOf, putField } from './bytes.js';

/** The fields of one direction. */
interface Pieces {
  readonly retransmittedPackets: Piece;
  readonly retransmittedBytes: Piece;
  readonly reorderedPackets: Piece;
  readonly duplicateAcks: Piece;
  readonly zeroWindows: Piece;
}

export const SENT_LOSSES = piecesOf('sent_');
export const REC_LOSSES = piecesOf('rec_');

export function lossesFields(prefix: string, losses: Losses): string {
  return (
    `,"${prefix}retransmitted_packets":${losses.retransmittedPackets}` +
    `,"${prefix}retransmitted_bytes":${losses.retransmittedBytes}` +
    `,"${prefix}reordered_packets":${losses.reorderedPackets}` +
    `,"${prefix}duplicate_acks":${losses.duplicateAcks}` +
    `,"${prefix}zero_windows":${losses.zeroWindows}`
  );
}

/** The same in place, where there are any: most flows have none, and RTTs are many. @returns where it ends */
export function putLosses(view: DataView, start: number, pieces: Pieces, losses: Losses): number {
  const { retransmittedPackets, reorderedPackets, duplicateAcks, zeroWindows } = losses;
  if (retransmittedPackets + reorderedPackets + duplicateAcks + zeroWindows === 0) return start;
  let at = putField(view, start, pieces.retransmittedPackets, retransmittedPackets);
  at = putField(view, at, pieces.retransmittedBytes, losses.retransmittedBytes);
  at = putField(view, at, pieces.reorderedPackets, reorderedPackets);
  at = putField(view, at, pieces.duplicateAcks, duplicateAcks);
  return putField(view, at, pieces.zeroWindows, zeroWindows);
}

function piecesOf(prefix: string): Pieces {
  const piece = (name: string) => pieceOf(`,"${prefix}${name}":`);
  return {
    retransmittedPackets: piece('retransmitted_packets'),
    retransmittedBytes: piece('retransmitted_bytes'),
    reorderedPackets: piece('reordered_packets'),
    duplicateAcks: piece('duplicate_acks'),
    zeroWindows: piece('zero_windows'),
  };
}
