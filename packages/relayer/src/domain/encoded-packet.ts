import { encodePacket, type Packet } from '@interchain-attestation/core';

const known = new WeakMap<Packet, Uint8Array>();

/** abi.encode of a packet, remembered for as long as the packet object lives: it is compared, stored and measured. */
export const encodedPacket = (packet: Packet): Uint8Array => {
  const found = known.get(packet);
  if (found !== undefined) return found;
  const encoded = encodePacket(packet);
  known.set(packet, encoded);
  return encoded;
};

/** Remembers what a packet was decoded from. `encoded` must be its canonical form, as strict decoders take no other. */
export const rememberEncoded = (packet: Packet, encoded: Uint8Array): Packet => {
  known.set(packet, encoded);
  return packet;
};
