import {
  parseAddress,
  readAttestationProof,
  readStateAttestation,
  STRICT_SIGNATURE_RULES,
  viewPacketAttestation,
} from '@interchain-attestation/core';
import type { Policy, ProofCheck } from './policy.ts';
import { solidityCodec } from './solidity-codec.ts';
import { reportSolidity } from './solidity-errors.ts';
import { checkSolidityInitialState } from './solidity-initial-state.ts';

/** A quorum is a uint8. */
const MAX_QUORUM = 255;

const PROOF_TAIL: readonly ProofCheck[] = ['decode-proof', 'signatures', 'decode-packets', 'height'];

/**
 * The Solidity light client of this project: the rules of the deployed one, and proofs verified once a transaction.
 * Source: wire format, section 3, Solidity column.
 */
export const solidityPolicy: Policy = {
  name: 'solidity',
  toConsensusTimestamp: (timestampSec) => timestampSec,
  zeroTimestampIsUnset: true,
  maxQuorum: MAX_QUORUM,
  checkInitialState: (initial) => checkSolidityInitialState(initial, MAX_QUORUM),
  readAttestors: (texts) => ({ attestors: texts.map(parseAddress) }),
  order: {
    update: ['not-frozen', 'authorized', 'decode-proof', 'signatures', 'decode-state', 'state-nonzero'],
    misbehaviour: ['not-frozen', 'authorized', 'unsupported'],
    membership: [
      'not-frozen',
      'authorized',
      'value-present',
      'path-length',
      'consensus-state',
      'verified-here',
      ...PROOF_TAIL,
      // The value is decoded before the list is looked at: a value too short reverts even when the list is empty.
      'decode-value',
      'packets-present',
      'scan',
    ],
    nonMembership: [
      'not-frozen',
      'authorized',
      'path-length',
      'consensus-state',
      'verified-here',
      ...PROOF_TAIL,
      'packets-present',
      'scan',
    ],
  },
  decode: {
    proof: readAttestationProof,
    state: readStateAttestation,
    packets: viewPacketAttestation,
    // abi.decode(value, (bytes32)): the first word of at least one.
    value: (bytes) => (bytes.length < 32 ? undefined : bytes.subarray(0, 32)),
  },
  signatures: { rules: STRICT_SIGNATURE_RULES, signerChecks: ['known', 'distinct'] },
  absenceDecidedBy: 'first-match',
  repeatedUpdate: 'NoOp',
  emptyFollowUpProofs: true,
  codec: solidityCodec,
  report: reportSolidity,
};

/** The Solidity light client as deployed by others: every proof must be full. */
export const deployedSolidityPolicy: Policy = {
  ...solidityPolicy,
  name: 'solidity-deployed',
  emptyFollowUpProofs: false,
};
