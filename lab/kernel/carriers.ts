/** What carries IP at the link layer besides Ethernet and its tags, made by hand. */

/** A packet, and the ethertype that says what it begins with. */
export interface Carried {
  readonly type: number;
  readonly bytes: Buffer;
}

/** Puts something around a packet. */
export type Carrier = (inner: Carried) => Carried;

export interface PppOptions {
  /** Protocols below 0x100 take one byte (RFC 1661, 6.5). */
  readonly isCompressed?: boolean;
  /** What goes before the protocol. */
  readonly framing?: readonly number[];
  /** Default: that of what is in it. */
  readonly protocol?: number;
}

export interface PseudowireOptions {
  readonly controlWord?: Buffer;
  /** Ids of VLAN tags in the frame, outermost first. */
  readonly vlanIds?: readonly number[];
  /** The address that the frame is for: its first bytes. */
  readonly destination?: readonly number[];
}

const TYPE = {
  ipv4: 0x0800,
  ipv6: 0x86dd,
  vlan: 0x8100,
  mpls: 0x8847,
  ppp: 0x880b,
  pppoe: 0x8864,
  pbb: 0x88e7,
};
const PPP_PROTOCOLS = new Map([
  [TYPE.ipv4, 0x0021],
  [TYPE.ipv6, 0x0057],
  [TYPE.mpls, 0x0281],
  [0x8848, 0x0283],
]);
const SESSION = 0x08d7;
const LABEL = 100;
const BOTTOM_OF_STACK = 0x100;
const TTL = 64;
/** With a sequence number. */
const CONTROL_WORD = Buffer.from([0, 0, 0x12, 0x34]);

/** PPP as a line has it: without framing unless told otherwise. */
export function ppp(options: PppOptions = {}): Carrier {
  const { isCompressed = false, framing = [] } = options;
  return ({ type, bytes }) => {
    const protocol = options.protocol ?? PPP_PROTOCOLS.get(type) ?? 0;
    const field = isCompressed ? Buffer.from([protocol]) : word(protocol);
    return { type: TYPE.ppp, bytes: Buffer.concat([Buffer.from(framing), field, bytes]) };
  };
}

/** A session of PPPoE (RFC 2516). @param code 0: its data */
export function pppoe(options: PppOptions = {}, code = 0): Carrier {
  return (inner) => {
    const { bytes } = ppp(options)(inner);
    const header = [word(0x1100 | code), word(SESSION), word(bytes.length)];
    return { type: TYPE.pppoe, bytes: Buffer.concat([...header, bytes]) };
  };
}

/** @param address unicast; 0x8f is multicast */
export function ciscoHdlc(address = 0x0f): Carrier {
  return ({ type, bytes }) => ({
    type: TYPE.ppp,
    bytes: Buffer.concat([Buffer.from([address, 0]), word(type), bytes]),
  });
}

/** A stack of so many labels (RFC 3032). @param first label of the stack, which differ by 1 */
export function mpls(labels = 1, type = TYPE.mpls, first = LABEL): Carrier {
  return ({ bytes }) => {
    const stack = Array.from({ length: labels }, (_, index) => {
      const entry = Buffer.alloc(4);
      const bottom = index === labels - 1 ? BOTTOM_OF_STACK : 0;
      entry.writeUInt32BE(((first + index) << 12) | bottom | TTL);
      return entry;
    });
    return { type, bytes: Buffer.concat([...stack, bytes]) };
  };
}

/** A frame of Ethernet (RFC 4448), with a control word unless that is empty; mpls() goes around it. */
export function pseudowire(options: PseudowireOptions = {}): Carrier {
  const { controlWord = CONTROL_WORD, vlanIds = [], destination = [2] } = options;
  return ({ type, bytes }) => {
    const addresses = Buffer.alloc(12, 7);
    addresses.set(destination);
    const tags = vlanIds.flatMap((id) => [word(TYPE.vlan), word(id)]);
    return {
      type: TYPE.mpls,
      bytes: Buffer.concat([controlWord, addresses, ...tags, word(type), bytes]),
    };
  };
}

/** IEEE 802.2 with SNAP (RFC 1042): in place of the ethertype is a length. @param organization 0: an ethertype follows */
export function snap(organization = 0): Carrier {
  return ({ type, bytes }) => ({
    type: 8 + bytes.length,
    bytes: Buffer.concat([Buffer.from([0xaa, 0xaa, 3, 0]), word(organization), word(type), bytes]),
  });
}

/** A customer's frame in one of a provider's backbone (IEEE 802.1ah). */
export function backbone(vlanIds: readonly number[] = []): Carrier {
  return ({ type, bytes }) => {
    const tags = vlanIds.flatMap((id) => [word(TYPE.vlan), word(id)]);
    const parts = [Buffer.from([0, 0, 0, 7]), Buffer.alloc(12, 2), ...tags, word(type), bytes];
    return { type: TYPE.pbb, bytes: Buffer.concat(parts) };
  };
}

/** The first goes around the others. */
export function carried(inner: Carried, carriers: readonly Carrier[]): Carried {
  return carriers.reduceRight((packet, carrier) => carrier(packet), inner);
}

function word(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}
