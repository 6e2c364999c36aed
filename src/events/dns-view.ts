/** A record of what has become of a query of DNS, read where it lies. */
import { LITTLE } from '../core/endianness.js';
import { DNS_EVENT, DNS_FLAG, OWNER, SIZE } from '../core/layouts.js';
import { commAt } from './attribution-view.js';
import { questionIn, rcodeName } from './dns-message.js';
import { HeaderView } from './header-view.js';
import { sideIn } from './hook-flags.js';
import type { Asker, DnsEvent, DnsQuestion } from './types.js';

/** Where what is asked for is not told, the record ends before it. */
export function dnsLength(bytes: DataView, offset: number, most: number): number {
  if (most < DNS_EVENT.questionBytes) return DNS_EVENT.size;
  const flags = bytes.getUint32(offset + DNS_EVENT.flags, LITTLE);
  return flags & DNS_FLAG.question ? DNS_EVENT.size : DNS_EVENT.questionBytes;
}

export class DnsView extends HeaderView implements DnsEvent {
  readonly type = 'dns';

  override on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    this.check(DNS_EVENT.time);
    return this;
  }

  get queryId(): number {
    return this.bytes.getUint16(this.offset + DNS_EVENT.id, LITTLE);
  }
  get responseTime(): number | undefined {
    return this.#isAnswered ? this.number(DNS_EVENT.time) : undefined;
  }
  get waited(): number | undefined {
    return this.#isAnswered ? undefined : this.number(DNS_EVENT.time);
  }
  get rcode(): string | undefined {
    if (!this.#isAnswered) return undefined;
    return rcodeName(this.bytes.getUint8(this.offset + DNS_EVENT.rcode));
  }
  get truncated(): boolean {
    return (this.#flags & DNS_FLAG.truncated) !== 0;
  }
  get matchOnEgress(): boolean | undefined {
    return sideIn(this.#flags);
  }
  get question(): DnsQuestion | undefined {
    if ((this.#flags & DNS_FLAG.question) === 0) return undefined;
    const length = this.bytes.getUint32(this.offset + DNS_EVENT.questionBytes, LITTLE);
    const { buffer, byteOffset } = this.bytes;
    const start = byteOffset + this.offset + DNS_EVENT.question;
    return questionIn(new Uint8Array(buffer, start, Math.min(length, SIZE.dnsQuestion)));
  }
  get asker(): Asker | undefined {
    const at = this.offset + DNS_EVENT.owner;
    if (this.bytes.getBigUint64(at + OWNER.socketCookie, LITTLE) === 0n) return undefined;
    const pid = this.bytes.getUint32(at + OWNER.pid, LITTLE) || undefined;
    return {
      cgroup: this.bytes.getBigUint64(at + OWNER.cgroup, LITTLE),
      uid: this.bytes.getUint32(at + OWNER.uid, LITTLE),
      pid,
      comm: pid === undefined ? undefined : commAt(this.bytes, at),
    };
  }

  get #isAnswered(): boolean {
    return (this.#flags & DNS_FLAG.unanswered) === 0;
  }
  get #flags(): number {
    return this.bytes.getUint32(this.offset + DNS_EVENT.flags, LITTLE);
  }
}
