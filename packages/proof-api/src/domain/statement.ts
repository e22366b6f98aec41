import {
  type AttestationKind,
  bytesToHex,
  type CommitmentPath,
  encodePacketAttestation,
  encodeStateAttestation,
  type Hex,
  hashPath,
  type PacketCompact,
  signingDigest,
} from '@interchain-attestation/core';

/** Which question an attestor is asked: a block's time, or one of the three kinds of commitment. */
export type Question = 'state' | 'packet' | 'acknowledgement' | 'receipt';

/**
 * What the proof API itself computed from its own reading of the chain, and asks attestors to sign. An answer counts
 * only when it is this, byte for byte.
 */
export interface Statement {
  readonly question: Question;
  readonly kind: AttestationKind;
  readonly height: bigint;
  /** The exact bytes that must be signed. */
  readonly data: Uint8Array;
  /** 32 bytes. */
  readonly digest: Uint8Array;
  /** Names the statement in maps and logs: hex of the digest. */
  readonly id: Hex;
  /** abi.encode(Packet) of each packet asked about, in the order of the entries; empty for a state. */
  readonly packets: readonly Uint8Array[];
}

const build = (
  question: Question,
  kind: AttestationKind,
  height: bigint,
  data: Uint8Array,
  packets: readonly Uint8Array[],
): Statement => {
  const digest = signingDigest(kind, data);
  return { question, kind, height, data, digest, id: bytesToHex(digest), packets };
};

/** "Block `height` has time `timestampSec`." */
export const stateStatement = (height: bigint, timestampSec: bigint): Statement =>
  build('state', 'state', height, encodeStateAttestation({ height, timestampSec }), []);

/** One packet to ask about: its ABI bytes, its path, and what the proof API found there. */
export interface PacketQuestion {
  readonly packet: Uint8Array;
  readonly path: CommitmentPath;
  /** 32 bytes; zero for an absent receipt. */
  readonly commitment: Uint8Array;
}

/** "At `height` these paths hold these commitments." All paths are of the kind that `question` names. */
export const packetStatement = (
  question: Exclude<Question, 'state'>,
  height: bigint,
  entries: readonly PacketQuestion[],
): Statement => {
  const packets: PacketCompact[] = entries.map(({ path, commitment }) => ({ path: hashPath(path), commitment }));
  return build(
    question,
    'packet',
    height,
    encodePacketAttestation({ height, packets }),
    entries.map(({ packet }) => packet),
  );
};
