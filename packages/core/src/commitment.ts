import { concatBytes, encodeUint64, utf8ToBytes } from './bytes.ts';
import { sha256 } from './hash.ts';
import type { Packet, Payload } from './packet.ts';

const VERSION = Uint8Array.of(2);

/** Acknowledgement that stands for any failed receive: sha256("UNIVERSAL_ERROR_ACKNOWLEDGEMENT"), 32 bytes. */
export const UNIVERSAL_ERROR_ACK: Uint8Array = sha256(utf8ToBytes('UNIVERSAL_ERROR_ACKNOWLEDGEMENT'));

const hashText = (text: string): Uint8Array => sha256(utf8ToBytes(text));

/** Hash of one payload, 32 bytes. */
export const hashPayload = (payload: Payload): Uint8Array =>
  sha256(
    concatBytes(
      hashText(payload.sourcePort),
      hashText(payload.destPort),
      hashText(payload.version),
      hashText(payload.encoding),
      sha256(payload.value),
    ),
  );

/** Commitment that the source chain stores for a sent packet, 32 bytes. Source: IBC v2, wire format section 4. */
export const packetCommitment = (packet: Packet): Uint8Array =>
  sha256(
    concatBytes(
      VERSION,
      hashText(packet.destClient),
      sha256(encodeUint64(packet.timeoutTimestampSec)),
      sha256(concatBytes(...packet.payloads.map(hashPayload))),
    ),
  );

/**
 * Commitment that the destination chain stores for its acknowledgements, 32 bytes.
 * @param acknowledgements one a payload, in the payloads' order
 */
export const ackCommitment = (acknowledgements: readonly Uint8Array[]): Uint8Array =>
  sha256(concatBytes(VERSION, ...acknowledgements.map((ack) => sha256(ack))));
