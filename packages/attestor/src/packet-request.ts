import type { StorePath } from '@interchain-attestation/chains';
import {
  type CommitmentKind,
  decodePacket,
  hashPath,
  isAttestationError,
  type Packet,
} from '@interchain-attestation/core';
import { attestor } from '@interchain-attestation/proto';
import type { AttestorLimits } from './config.ts';
import { AttestorError, type AttestorErrorCode } from './errors.ts';

/** One packet of a request, decoded. */
export interface RequestedPacket {
  readonly packet: Packet;
  /** `abi.encode(packet)` as it came. */
  readonly encoded: Uint8Array;
  /** Where the attested commitment stands, and keccak256 of that path. */
  readonly path: StorePath & { readonly hashedPath: Uint8Array };
}

/** What a PacketAttestation request asks about. */
export type CommitmentQuestion = CommitmentKind;

const { CommitmentType } = attestor;

const QUESTIONS: ReadonlyMap<number, CommitmentQuestion> = new Map([
  [CommitmentType.PACKET, 'packet'],
  [CommitmentType.ACK, 'acknowledgement'],
  [CommitmentType.RECEIPT, 'receipt'],
]);

const reject = (code: AttestorErrorCode, message: string, meta: Record<string, number | string> = {}): never => {
  throw new AttestorError(code, message, { meta });
};

/**
 * Height zero is what an unset field means: never a height to attest (peers.md #14).
 * @throws AttestorError `attestor/invalid-height`
 */
export const assertAttestableHeight = (height: bigint): bigint =>
  height > 0n ? height : reject('attestor/invalid-height', 'height 0 is never attested');

/**
 * What a commitment type asks for.
 * @throws AttestorError `attestor/unknown-commitment-type`
 */
export const parseQuestion = (commitmentType: number): CommitmentQuestion =>
  QUESTIONS.get(commitmentType) ??
  reject('attestor/unknown-commitment-type', `commitment type ${commitmentType} is not known`);

/**
 * Counts and sizes of a request, which are cheap to check before anything is decoded.
 * @throws AttestorError `attestor/no-packets`, `attestor/too-many-packets`, `attestor/packet-too-large`
 */
export const assertPacketLimits = (encoded: readonly Uint8Array[], limits: AttestorLimits): void => {
  if (encoded.length === 0) reject('attestor/no-packets', 'an empty list of packets is never attested');
  if (encoded.length > limits.maxPackets) {
    reject('attestor/too-many-packets', `${encoded.length} packets, limit ${limits.maxPackets}`, {
      got: encoded.length,
      limit: limits.maxPackets,
    });
  }
  encoded.forEach((data, index) => {
    if (data.length <= limits.maxPacketBytes) return;
    reject('attestor/packet-too-large', `packet ${index} has ${data.length} bytes, limit ${limits.maxPacketBytes}`, {
      index,
      got: data.length,
      limit: limits.maxPacketBytes,
    });
  });
};

const decodeOne = (encoded: Uint8Array, index: number): Packet => {
  try {
    return decodePacket(encoded);
  } catch (cause) {
    if (!isAttestationError(cause)) throw cause;
    throw new AttestorError(
      'attestor/malformed-packet',
      `packet ${index} is not a canonical abi.encode(Packet): ${cause.message}`,
      { meta: { index, fault: cause.code }, cause },
    );
  }
};

/** Characters of ICS-24 identifiers. What no chain can hold must not reach the guard's record. */
const CLIENT_ID = /^[A-Za-z0-9._+\-#[\]<>]{1,128}$/;

const assertWellFormed = (packet: Packet, index: number): void => {
  if (packet.sequence === 0n) reject('attestor/malformed-packet', `packet ${index} has sequence 0`, { index });
  if (!CLIENT_ID.test(packet.sourceClient) || !CLIENT_ID.test(packet.destClient)) {
    reject('attestor/malformed-packet', `packet ${index} has an invalid client id`, { index });
  }
  if (packet.payloads.length === 0) reject('attestor/malformed-packet', `packet ${index} has no payload`, { index });
};

/**
 * Decodes packets and names the paths that the question is about.
 * @throws AttestorError `attestor/malformed-packet`, `attestor/duplicate-packet`
 */
export const decodeRequestedPackets = (
  encoded: readonly Uint8Array[],
  question: CommitmentQuestion,
): readonly RequestedPacket[] => {
  const seen = new Map<string, number>();
  return encoded.map((data, index) => {
    const packet = decodeOne(data, index);
    assertWellFormed(packet, index);
    const clientId = question === 'packet' ? packet.sourceClient : packet.destClient;
    const key = `${clientId}/${packet.sequence}`;
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      reject('attestor/duplicate-packet', `packets ${earlier} and ${index} stand at one path`, { index, earlier });
    }
    seen.set(key, index);
    const path = { kind: question, clientId, sequence: packet.sequence };
    return { packet, encoded: data, path: { ...path, hashedPath: hashPath(path) } };
  });
};
