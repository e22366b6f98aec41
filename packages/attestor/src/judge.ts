import type { StorePath } from '@interchain-attestation/chains';
import { bytesToHex, equalBytes, keccak256, type PacketCompact, packetCommitment } from '@interchain-attestation/core';
import type { StatementEntry } from '@interchain-attestation/guard';
import { AttestorError, type AttestorErrorCode } from './errors.ts';
import type { CommitmentQuestion, RequestedPacket } from './packet-request.ts';

/** What is attested: for the signed data, and for the guard. */
export interface Judged {
  readonly packets: readonly PacketCompact[];
  readonly entries: readonly StatementEntry[];
}

type Value = Uint8Array | undefined;

/** A question about packets: what to read of the chain, and what the answer means. */
export interface Judgement {
  /** Paths to read, the packets' own first. */
  readonly paths: readonly StorePath[];
  /** Computes what needs no answer, while the answer is on its way. Optional: `judge` does it otherwise. */
  prepare(): void;
  /**
   * @throws AttestorError `attestor/commitment-missing`, `attestor/wrong-commitment`, `attestor/receipt-exists`,
   * `attestor/wrong-packet`, `attestor/chain-inconsistent`
   */
  judge(values: readonly Value[]): Judged;
}

/** One packet: what it is expected to be is kept, the packet itself is not. */
interface Question {
  readonly path: RequestedPacket['path'];
  readonly timeoutTimestampSec: bigint;
  /** Commitment of the packet (sent), or hash of the packet that an EVM receipt holds (acknowledged). */
  readonly expected?: Uint8Array | undefined;
}

const ZERO = new Uint8Array(32);

const refusal = (code: AttestorErrorCode, { path }: Question, message: string): AttestorError =>
  new AttestorError(code, `${path.clientId}/${path.sequence}: ${message}`, {
    meta: { clientId: path.clientId, sequence: path.sequence },
  });

const entryOf = (question: Question, commitment: Value, timeoutProven: boolean): StatementEntry => ({
  path: question.path,
  timeoutTimestampSec: question.timeoutTimestampSec,
  timeoutProven,
  ...(commitment === undefined ? {} : { commitment }),
});

/** Packet commitment: must be the one that the packet hashes to. */
const judgeSent = (question: Question, held: Value): StatementEntry => {
  if (held === undefined) {
    throw refusal('attestor/commitment-missing', question, 'the chain holds no packet commitment there');
  }
  if (question.expected === undefined || !equalBytes(held, question.expected)) {
    const what = `the chain holds ${bytesToHex(held)}, which is not the commitment of this packet`;
    throw refusal('attestor/wrong-commitment', question, what);
  }
  return entryOf(question, held, true);
};

/**
 * Acknowledgement: must exist, what the chain holds is attested. The path says nothing about the rest of the packet,
 * but the guard compares its timeout with absences stated earlier. An EVM receipt is the hash of the packet received:
 * the packet shown must be that one. The router writes it before the acknowledgement, always.
 */
const judgeAcknowledged = (question: Question, held: Value, receipt: Value, evm: boolean): StatementEntry => {
  if (held === undefined) {
    throw refusal('attestor/commitment-missing', question, 'the chain holds no acknowledgement there');
  }
  if (!evm) return entryOf(question, held, false);
  if (receipt === undefined) {
    const { clientId, sequence } = question.path;
    throw new AttestorError(
      'attestor/chain-inconsistent',
      `${clientId}/${sequence}: the chain holds an acknowledgement and no receipt, which no router leaves behind`,
      { meta: { clientId, sequence }, retryable: true },
    );
  }
  if (question.expected === undefined || !equalBytes(receipt, question.expected)) {
    throw refusal('attestor/wrong-packet', question, 'the chain received another packet under this sequence');
  }
  return entryOf(question, held, true);
};

/** Receipt: must be absent, zero is attested. */
const judgeUnreceived = (question: Question, held: Value): StatementEntry => {
  if (held !== undefined) throw refusal('attestor/receipt-exists', question, 'the packet was received');
  return entryOf(question, undefined, false);
};

const expectations: Readonly<Record<CommitmentQuestion, (requested: RequestedPacket) => Value>> = {
  packet: ({ packet }) => packetCommitment(packet),
  acknowledgement: ({ encoded }) => keccak256(encoded),
  receipt: () => undefined,
};

/** @param evm whether receipts are hashes of packets, as the EVM router stores them */
export const createJudgement = (
  question: CommitmentQuestion,
  requested: readonly RequestedPacket[],
  evm: boolean,
): Judgement => {
  const own = requested.map(({ path }) => path);
  const readsReceipts = question === 'acknowledgement' && evm;
  const receipts = readsReceipts
    ? own.map(({ clientId, sequence }): StorePath => ({ kind: 'receipt', clientId, sequence }))
    : [];
  let pending: readonly RequestedPacket[] | undefined = requested;
  let questions: readonly Question[] = [];

  const prepare = (): void => {
    questions =
      pending?.map((item) => ({
        path: item.path,
        timeoutTimestampSec: item.packet.timeoutTimestampSec,
        expected: expectations[question](item),
      })) ?? questions;
    pending = undefined;
  };
  const judgeOne = (item: Question, i: number, values: readonly Value[]): StatementEntry => {
    switch (question) {
      case 'packet':
        return judgeSent(item, values[i]);
      case 'acknowledgement':
        return judgeAcknowledged(item, values[i], values[own.length + i], evm);
      case 'receipt':
        return judgeUnreceived(item, values[i]);
    }
  };
  return {
    paths: readsReceipts ? [...own, ...receipts] : own,
    prepare,
    judge(values) {
      prepare();
      const entries = questions.map((item, i) => judgeOne(item, i, values));
      const packets = questions.map(({ path }, i) => ({
        path: path.hashedPath,
        commitment: entries[i]?.commitment ?? ZERO,
      }));
      return { packets, entries };
    },
  };
};
