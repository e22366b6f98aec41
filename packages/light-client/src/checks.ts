import {
  type Address,
  type AttestationProof,
  isAttestationError,
  keccak256,
  type PacketAttestationView,
  type StateAttestation,
} from '@interchain-attestation/core';
import { LightClientError } from './errors.ts';
import { checkMessage } from './message-basic.ts';
import type { CallKind, Policy, ProofCheck, UpdateCheck } from './policy.ts';
import { scanMembership, scanNonMembership } from './scan.ts';
import type { ClientState } from './state.ts';
import type { TransactionMemory } from './transaction-memory.ts';
import type { Fault } from './verdict.ts';
import { verifySignatures } from './verify-signatures.ts';

/** One call on its way through the checks of a policy: what was given, and what the checks found so far. */
export interface Run {
  readonly policy: Policy;
  /** Undefined when the store holds no client. */
  readonly state: ClientState | undefined;
  readonly kind: CallKind;
  readonly proofBytes: Uint8Array;
  readonly caller: Address | undefined;
  readonly isSubmitter: (caller: Address) => boolean;
  readonly consensusTimestamp: (height: bigint, revisionNumber: bigint) => bigint | undefined;
  readonly memory: TransactionMemory;
  readonly height: bigint;
  readonly revisionNumber: bigint;
  readonly path: readonly Uint8Array[];
  readonly value: Uint8Array;
  proof?: AttestationProof;
  attested?: StateAttestation;
  packets?: PacketAttestationView;
  commitment?: Uint8Array;
  /** That of the proof height, in the policy's unit. */
  timestamp?: bigint;
  /** Set by a check that accepts the call before the end of the list. */
  accepted?: true;
}

const need = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new LightClientError('light-client/policy-order', `no earlier check produced ${what}`);
  return value;
};

const stateOf = ({ state }: Run): ClientState => {
  if (state === undefined) throw new LightClientError('light-client/not-initialized', 'the store holds no client');
  return state;
};

/** Runs a decoder: input that does not decode is the client's verdict on it, everything else is a defect of ours. */
const decoding = (code: 'proof-malformed' | 'data-malformed', decode: () => void): Fault | undefined => {
  try {
    decode();
    return undefined;
  } catch (error) {
    if (!isAttestationError(error)) throw error;
    return { code, reason: error.message };
  }
};

const decodeValue = (run: Run): Fault | undefined => {
  const commitment = run.policy.decode.value(run.value);
  if (commitment === undefined) return { code: 'value-malformed', bytes: run.value.length };
  run.commitment = commitment;
  return undefined;
};

const pathHash = (run: Run): Uint8Array => keccak256(need(run.path[0], 'a path'));
const NOTHING = new Uint8Array(32);

const verifiedHere = (run: Run): Fault | undefined => {
  if (!run.policy.emptyFollowUpProofs || run.proofBytes.length !== 0) return undefined;
  const fault = run.kind === 'membership' ? decodeValue(run) : undefined;
  if (fault !== undefined) return fault;
  const hash = pathHash(run);
  const covered =
    run.kind === 'membership'
      ? run.memory.hasEntry(run.height, hash, need(run.commitment, 'the commitment'))
      : run.memory.hasEntry(run.height, hash, NOTHING) && !run.memory.hasNonZero(run.height, hash);
  if (!covered) return { code: 'not-verified-here', height: run.height, pathHash: hash };
  run.accepted = true;
  return undefined;
};

type Check = (run: Run) => Fault | undefined;

/** Every check by its name. A policy lists the ones that hold, in their order. */
const CHECKS: Readonly<Record<UpdateCheck | ProofCheck, Check>> = {
  'client-exists': ({ state }) => (state === undefined ? { code: 'client-not-found' } : undefined),
  'client-active': ({ state }) => {
    if (state !== undefined && !state.isFrozen) return undefined;
    return { code: 'client-not-active', status: state === undefined ? 'Unknown' : 'Frozen' };
  },
  'not-frozen': (run) => (stateOf(run).isFrozen ? { code: 'client-frozen' } : undefined),
  authorized: ({ caller, isSubmitter }) =>
    caller === undefined || isSubmitter(caller) ? undefined : { code: 'unauthorized', account: caller },
  unsupported: () => ({ code: 'feature-not-supported', feature: 'misbehaviour' }),
  'decode-proof': (run) =>
    decoding('proof-malformed', () => {
      run.proof = run.policy.decode.proof(run.proofBytes);
    }),
  'message-basic': ({ policy, proof }) => checkMessage(policy, need(proof, 'the proof')),
  signatures: (run) =>
    verifySignatures(
      run.policy,
      run.kind === 'update' ? 'state' : 'packet',
      stateOf(run),
      need(run.proof, 'the proof'),
    ),
  'decode-state': (run) =>
    decoding('data-malformed', () => {
      run.attested = run.policy.decode.state(need(run.proof, 'the proof').attestationData);
    }),
  'state-nonzero': (run) => {
    const { height, timestampSec } = need(run.attested, 'the attested state');
    return height === 0n || timestampSec === 0n ? { code: 'state-invalid', height, timestampSec } : undefined;
  },
  'value-present': ({ value }) => (value.length === 0 ? { code: 'value-empty' } : undefined),
  'path-present': ({ path }) => (path.length === 0 ? { code: 'path-length', expected: 1, got: 0 } : undefined),
  'path-element': ({ path }) => (path[0]?.length === 0 ? { code: 'path-empty' } : undefined),
  'path-length': ({ path }) => (path.length === 1 ? undefined : { code: 'path-length', expected: 1, got: path.length }),
  'consensus-state': (run) => {
    const timestamp = run.consensusTimestamp(run.height, run.revisionNumber);
    if (timestamp === undefined) return { code: 'consensus-not-found', height: run.height };
    run.timestamp = timestamp;
    return undefined;
  },
  'verified-here': verifiedHere,
  'decode-packets': (run) =>
    decoding('data-malformed', () => {
      run.packets = run.policy.decode.packets(need(run.proof, 'the proof').attestationData);
    }),
  height: (run) => {
    const got = need(run.packets, 'the attested packets').height;
    return got === run.height ? undefined : { code: 'height-mismatch', expected: run.height, got };
  },
  'packets-present': (run) =>
    need(run.packets, 'the attested packets').count === 0 ? { code: 'packets-empty' } : undefined,
  'decode-value': decodeValue,
  scan: (run) => {
    const packets = need(run.packets, 'the attested packets');
    return run.kind === 'membership'
      ? scanMembership(packets, pathHash(run), need(run.commitment, 'the commitment'))
      : scanNonMembership(packets, pathHash(run), run.policy.absenceDecidedBy);
  },
};

/** Runs the checks in the order given and returns the first fault. */
export const runChecks = (order: readonly (UpdateCheck | ProofCheck)[], run: Run): Fault | undefined => {
  for (const name of order) {
    const fault = CHECKS[name](run);
    if (fault !== undefined) return fault;
    if (run.accepted) return undefined;
  }
  return undefined;
};
