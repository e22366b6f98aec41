import { assertUint64, concatBytes, utf8ToBytes } from './bytes.ts';
import { sha256 } from './hash.ts';
import type { Packet, Payload } from './packet.ts';

const VERSION = 2;

/** Acknowledgement that stands for any failed receive: sha256("UNIVERSAL_ERROR_ACKNOWLEDGEMENT"), 32 bytes. */
export const UNIVERSAL_ERROR_ACK: Uint8Array = sha256(utf8ToBytes('UNIVERSAL_ERROR_ACKNOWLEDGEMENT'));

// Five of the ten hashes of a commitment are of the same few words (ports, client ids, version, encoding) in packet
// after packet. Bounded, and short words only, so that hostile packets cannot make it grow.
const KNOWN_WORDS_LIMIT = 512;
const KNOWN_WORD_LENGTH = 64;
const knownWords = new Map<string, Uint8Array>();

/** Hash of a text. The result is shared: copy it, do not write to it. */
const hashText = (text: string): Uint8Array => {
  const known = knownWords.get(text);
  if (known !== undefined) return known;
  const hash = sha256(utf8ToBytes(text));
  if (text.length <= KNOWN_WORD_LENGTH) {
    if (knownWords.size === KNOWN_WORDS_LIMIT) knownWords.clear();
    knownWords.set(text, hash);
  }
  return hash;
};

// Preimages of fixed size are built in place: nothing here is asynchronous, and sha256 keeps no reference.
const payloadPreimage = new Uint8Array(160);
const packetPreimage = new Uint8Array(97);
packetPreimage[0] = VERSION;
const timeoutBytes = new Uint8Array(8);
const timeoutView = new DataView(timeoutBytes.buffer);

/** Hash of one payload, 32 bytes. */
export const hashPayload = (payload: Payload): Uint8Array => {
  payloadPreimage.set(hashText(payload.sourcePort));
  payloadPreimage.set(hashText(payload.destPort), 32);
  payloadPreimage.set(hashText(payload.version), 64);
  payloadPreimage.set(hashText(payload.encoding), 96);
  payloadPreimage.set(sha256(payload.value), 128);
  return sha256(payloadPreimage);
};

/**
 * Commitment that the source chain stores for a sent packet, 32 bytes. Source: IBC v2, wire format section 4.
 * @throws CoreError `number/out-of-range`
 */
export const packetCommitment = (packet: Packet): Uint8Array => {
  const payloadHashes = new Uint8Array(32 * packet.payloads.length);
  let at = 0;
  for (const payload of packet.payloads) {
    payloadHashes.set(hashPayload(payload), at);
    at += 32;
  }
  timeoutView.setBigUint64(0, assertUint64(packet.timeoutTimestampSec, 'timeoutTimestamp'));
  packetPreimage.set(hashText(packet.destClient), 1);
  packetPreimage.set(sha256(timeoutBytes), 33);
  packetPreimage.set(sha256(payloadHashes), 65);
  return sha256(packetPreimage);
};

/**
 * Commitment that the destination chain stores for its acknowledgements, 32 bytes.
 * @param acknowledgements one a payload, in the payloads' order
 */
export const ackCommitment = (acknowledgements: readonly Uint8Array[]): Uint8Array =>
  sha256(concatBytes(Uint8Array.of(VERSION), ...acknowledgements.map(sha256)));
