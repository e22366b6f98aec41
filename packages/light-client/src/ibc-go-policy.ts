import { readStateAttestation, viewPacketAttestation } from '@interchain-attestation/core';
import { ibcGoCodec } from './ibc-go-codec.ts';
import { reportIbcGo } from './ibc-go-errors.ts';
import { checkIbcGoInitialState, readIbcGoAttestors, toWrappedNanoseconds } from './ibc-go-initial-state.ts';
import type { Policy, ProofCheck, UpdateCheck } from './policy.ts';
import { readProtobufProof } from './protobuf-proof.ts';

/** Checks of a message before it is executed: decoding, and its own `ValidateBasic`. */
const STATELESS: readonly UpdateCheck[] = ['decode-proof', 'message-basic'];
const UPDATE: readonly UpdateCheck[] = ['client-exists', 'not-frozen', 'signatures', 'decode-state'];

const HEAD: readonly ProofCheck[] = ['client-exists', 'not-frozen', 'path-present'];
const TAIL: readonly ProofCheck[] = [
  'consensus-state',
  'decode-proof',
  'signatures',
  'decode-packets',
  'height',
  'packets-present',
  'path-length',
  'path-element',
];
const MEMBERSHIP: readonly ProofCheck[] = [...HEAD, 'value-present', ...TAIL, 'decode-value', 'scan'];
const NON_MEMBERSHIP: readonly ProofCheck[] = [...HEAD, ...TAIL, 'scan'];

/**
 * The attestations light client of ibc-go v11 as a chain runs it: through IBC core, which first asks whether the client
 * is active. Source: wire format, section 3, ibc-go column; held against ibc-go itself by `conformance/ibc-go.ts`.
 */
export const ibcGoPolicy: Policy = {
  name: 'ibc-go',
  toConsensusTimestamp: toWrappedNanoseconds,
  zeroTimestampIsUnset: false,
  maxQuorum: 0xffff_ffff,
  heightWithoutClient: 0n,
  checkInitialState: checkIbcGoInitialState,
  readAttestors: readIbcGoAttestors,
  order: {
    update: [...STATELESS, 'client-active', ...UPDATE],
    // Evidence is an update: there is no other message for it.
    misbehaviour: 'as-update',
    membership: ['client-active', ...MEMBERSHIP],
    nonMembership: ['client-active', ...NON_MEMBERSHIP],
  },
  decode: {
    proof: readProtobufProof,
    state: readStateAttestation,
    packets: viewPacketAttestation,
    value: (bytes) => (bytes.length === 32 ? bytes : undefined),
  },
  signatures: {
    rules: { acceptHighS: true, acceptRawRecoveryId: true, acceptOverflowedR: true },
    signerChecks: ['distinct', 'known'],
  },
  absenceDecidedBy: 'every-match',
  repeatedUpdate: 'Update',
  emptyFollowUpProofs: false,
  codec: ibcGoCodec,
  report: reportIbcGo,
};

/** The same client asked directly, without IBC core around it: its own errors for a missing or frozen client. */
export const ibcGoModulePolicy: Policy = {
  ...ibcGoPolicy,
  name: 'ibc-go-module',
  order: {
    update: [...STATELESS, ...UPDATE],
    misbehaviour: 'as-update',
    membership: MEMBERSHIP,
    nonMembership: NON_MEMBERSHIP,
  },
};
