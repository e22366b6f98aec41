import type { StorePath } from '@interchain-attestation/chains';
import { bytesToHex, equalBytes, keccak256, type PacketCompact, packetCommitment } from '@interchain-attestation/core';
import type { StatementEntry } from '@interchain-attestation/guard';
import { AttestorError } from './errors.ts';
import type { CommitmentQuestion, RequestedPacket } from './packet-request.ts';

/** What is attested about one packet, for the signed data and for the guard. */
export interface JudgedPacket {
  readonly compact: PacketCompact;
  readonly entry: StatementEntry;
}

/** A question about packets: what to read of the chain, and what the answer means. */
export interface Judgement {
  /** Paths to read, the packets' own first. */
  readonly paths: readonly StorePath[];
  /** @throws AttestorError `attestor/commitment-missing`, `attestor/wrong-commitment`, `attestor/receipt-exists`, `attestor/wrong-packet` */
  judge(values: readonly (Uint8Array | undefined)[]): readonly JudgedPacket[];
}

const ZERO = new Uint8Array(32);

const place = ({ packet, path }: RequestedPacket): string => `${path.clientId}/${packet.sequence}`;

const missing = (requested: RequestedPacket, what: string): AttestorError =>
  new AttestorError('attestor/commitment-missing', `the chain holds no ${what} of ${place(requested)}`, {
    meta: { clientId: requested.path.clientId, sequence: requested.packet.sequence },
  });

const entryOf = (
  { packet, path }: RequestedPacket,
  commitment: Uint8Array | undefined,
  timeoutProven: boolean,
): StatementEntry => ({
  path,
  timeoutTimestampSec: packet.timeoutTimestampSec,
  timeoutProven,
  ...(commitment === undefined ? {} : { commitment }),
});

/** Packet commitment: must be the one that the packet hashes to. */
const judgeSent = (requested: RequestedPacket, held: Uint8Array | undefined): JudgedPacket => {
  if (held === undefined) throw missing(requested, 'packet commitment');
  if (!equalBytes(held, packetCommitment(requested.packet))) {
    throw new AttestorError(
      'attestor/wrong-commitment',
      `the chain holds ${bytesToHex(held)} for ${place(requested)}, which is not the commitment of this packet`,
      { meta: { clientId: requested.path.clientId, sequence: requested.packet.sequence } },
    );
  }
  return {
    compact: { path: requested.hashedPath, commitment: held },
    entry: entryOf(requested, held, true),
  };
};

/**
 * Acknowledgement: must exist, what the chain holds is attested. The path says nothing about the rest of the packet,
 * but the guard compares its timeout with absences stated earlier. An EVM receipt is the hash of the packet received:
 * where it stands, the packet shown must be that one.
 */
const judgeAcknowledged = (
  requested: RequestedPacket,
  held: Uint8Array | undefined,
  receipt: Uint8Array | undefined,
): JudgedPacket => {
  if (held === undefined) throw missing(requested, 'acknowledgement');
  if (receipt !== undefined && !equalBytes(receipt, keccak256(requested.encoded))) {
    throw new AttestorError('attestor/wrong-packet', `the chain received another packet as ${place(requested)}`, {
      meta: { clientId: requested.path.clientId, sequence: requested.packet.sequence },
    });
  }
  return {
    compact: { path: requested.hashedPath, commitment: held },
    entry: entryOf(requested, held, receipt !== undefined),
  };
};

/** Receipt: must be absent, zero is attested. */
const judgeUnreceived = (requested: RequestedPacket, held: Uint8Array | undefined): JudgedPacket => {
  if (held !== undefined) {
    throw new AttestorError('attestor/receipt-exists', `the packet ${place(requested)} was received`, {
      meta: { clientId: requested.path.clientId, sequence: requested.packet.sequence },
    });
  }
  return { compact: { path: requested.hashedPath, commitment: ZERO }, entry: entryOf(requested, undefined, false) };
};

/** @param evm whether receipts are hashes of packets, as the EVM router stores them */
export const createJudgement = (
  question: CommitmentQuestion,
  packets: readonly RequestedPacket[],
  evm: boolean,
): Judgement => {
  const own = packets.map(({ path, hashedPath }): StorePath => ({ ...path, hashedPath }));
  if (question !== 'acknowledgement') {
    const judgeOne = question === 'packet' ? judgeSent : judgeUnreceived;
    return { paths: own, judge: (values) => packets.map((requested, i) => judgeOne(requested, values[i])) };
  }
  const receipts = evm ? packets.map(({ path }): StorePath => ({ ...path, kind: 'receipt' })) : [];
  return {
    paths: [...own, ...receipts],
    judge: (values) =>
      packets.map((requested, i) => judgeAcknowledged(requested, values[i], values[packets.length + i])),
  };
};
