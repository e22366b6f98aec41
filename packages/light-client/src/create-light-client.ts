import { assertUint64, equalBytes, type StateAttestation } from '@interchain-attestation/core';
import { type Run, runChecks } from './checks.ts';
import { LightClientError } from './errors.ts';
import { explainFault } from './explain.ts';
import type {
  CallOptions,
  LightClient,
  LightClientCalls,
  LightClientDeps,
  NonMembershipProof,
} from './light-client.ts';
import type { CallKind } from './policy.ts';
import type { ClientState } from './state.ts';
import { createOverlayStore, type StoreWrite } from './store.ts';
import { TransactionMemory } from './transaction-memory.ts';
import type { Fault, Rejection, Verdict } from './verdict.ts';

const NO_BYTES = new Uint8Array(0);

/** The calls over one store; `memory` outlives a call only inside a transaction. */
const createCalls = (
  { policy, store, isSubmitter = () => true }: LightClientDeps,
  memoryOfCall: () => TransactionMemory,
): LightClientCalls => {
  const { codec } = policy;

  const reject = (fault: Fault, call: CallKind): Rejection => ({
    ok: false,
    code: fault.code,
    fault,
    message: explainFault(fault),
    ...policy.report(fault, call),
  });

  let decoded: { readonly bytes: Uint8Array; readonly state: ClientState } | undefined;
  const readClientState = (): ClientState | undefined => {
    const bytes = store.get(codec.clientStateKey);
    if (bytes === undefined || bytes.length === 0) return undefined;
    // Decoding checksums every attestor's address, comparing does not; and a client state hardly ever changes.
    if (decoded === undefined || !equalBytes(decoded.bytes, bytes)) {
      decoded = { bytes: bytes.slice(), state: codec.decodeClientState(bytes) };
    }
    return decoded.state;
  };

  const clientState = (): ClientState => {
    const state = readClientState();
    if (state === undefined) throw new LightClientError('light-client/not-initialized', 'the store holds no client');
    return state;
  };

  const readTimestamp = (height: bigint, revisionNumber: bigint): bigint | undefined => {
    const bytes = store.get(codec.consensusStateKey(height, revisionNumber));
    if (bytes === undefined || bytes.length === 0) return undefined;
    const { timestamp } = codec.decodeConsensusState(bytes);
    return timestamp === 0n && policy.zeroTimestampIsUnset ? undefined : timestamp;
  };

  const timestampAtHeight = (height: bigint): bigint | undefined => readTimestamp(assertUint64(height, 'height'), 0n);

  const clientStateWrite = (state: ClientState): StoreWrite => ({
    key: codec.clientStateKey,
    value: codec.encodeClientState(state),
  });

  const consensusWrite = (attested: StateAttestation): StoreWrite => ({
    key: codec.consensusStateKey(attested.height),
    value: codec.encodeConsensusState({ timestamp: policy.toConsensusTimestamp(attested.timestampSec) }),
  });

  const startRun = (kind: Run['kind'], proofBytes: Uint8Array, options: CallOptions): Run => ({
    policy,
    state: readClientState(),
    kind,
    proofBytes,
    caller: options.caller,
    isSubmitter,
    consensusTimestamp: readTimestamp,
    memory: memoryOfCall(),
    height: 0n,
    revisionNumber: 0n,
    path: [],
    value: NO_BYTES,
  });

  const verify = (
    kind: 'membership' | 'non-membership',
    proof: NonMembershipProof,
    value: Uint8Array,
  ): Verdict<{ readonly timestamp: bigint }> => {
    const height = assertUint64(proof.height, 'proof height');
    const revisionNumber = assertUint64(proof.revisionNumber ?? 0n, 'revision number');
    const run: Run = { ...startRun(kind, proof.proof, proof), height, revisionNumber, path: proof.path, value };
    const fault = runChecks(kind === 'membership' ? policy.order.membership : policy.order.nonMembership, run);
    if (fault !== undefined) return reject(fault, kind);
    // Only now: what a rejected proof lists must never make a later empty one good.
    if (policy.emptyFollowUpProofs && run.packets !== undefined) run.memory.remember(run.packets);
    return { ok: true, timestamp: run.timestamp ?? 0n };
  };

  const calls: LightClientCalls = {
    policy,
    clientState,
    timestampAtHeight,
    initialize: (initial) => {
      if (readClientState() !== undefined) {
        throw new LightClientError('light-client/already-initialized', 'the store holds a client already');
      }
      const fault = policy.checkInitialState(initial);
      if (fault !== undefined) return reject(fault, 'initialize');
      const { attestors, minRequiredSigs, height, timestampSec } = initial;
      const state = { ...policy.readAttestors(attestors), minRequiredSigs, latestHeight: height, isFrozen: false };
      store.apply([clientStateWrite(state), consensusWrite({ height, timestampSec })]);
      return { ok: true };
    },
    status: () => {
      const state = readClientState();
      if (state === undefined) return 'Unknown';
      return state.isFrozen ? 'Frozen' : 'Active';
    },
    latestHeight: () => readClientState()?.latestHeight ?? policy.heightWithoutClient ?? clientState().latestHeight,
    verifyClientMessage: (message, options = {}) => {
      const run = startRun('update', message, options);
      const fault = runChecks(policy.order.update, run);
      if (fault !== undefined) return reject(fault, 'update');
      if (run.attested === undefined) {
        throw new LightClientError('light-client/policy-order', 'no check decoded the attested state');
      }
      return { ok: true, attested: { height: run.attested.height, timestampSec: run.attested.timestampSec } };
    },
    checkForMisbehaviour: ({ height, timestampSec }) => {
      const known = timestampAtHeight(height);
      return known !== undefined && known !== policy.toConsensusTimestamp(timestampSec);
    },
    updateState: (attested) => {
      if (policy.repeatedUpdate === 'NoOp' && timestampAtHeight(attested.height) !== undefined) return 'NoOp';
      const state = clientState();
      const write = consensusWrite(attested);
      const next = attested.height > state.latestHeight ? { ...state, latestHeight: attested.height } : state;
      // Writing what did not change matters where the store holds another spelling of it: ibc-go normalises that.
      const rewrites = next !== state || policy.repeatedUpdate === 'Update';
      store.apply(rewrites ? [clientStateWrite(next), write] : [write]);
      return 'Update';
    },
    updateStateOnMisbehaviour: () => store.apply([clientStateWrite({ ...clientState(), isFrozen: true })]),
    updateClient: (message, options = {}) => {
      const verdict = calls.verifyClientMessage(message, options);
      if (!verdict.ok) return verdict;
      const { attested } = verdict;
      if (calls.checkForMisbehaviour(attested)) {
        calls.updateStateOnMisbehaviour();
        return { ok: true, result: 'Misbehaviour', attested };
      }
      return { ok: true, result: calls.updateState(attested), attested };
    },
    misbehaviour: (message, options = {}) => {
      if (policy.order.misbehaviour === 'as-update') return calls.updateClient(message, options);
      const fault = runChecks(policy.order.misbehaviour, startRun('misbehaviour', message, options));
      return fault === undefined ? { ok: true } : reject(fault, 'misbehaviour');
    },
    verifyMembership: (proof) => verify('membership', proof, proof.value),
    verifyNonMembership: (proof) => verify('non-membership', proof, NO_BYTES),
    recover: () => reject({ code: 'feature-not-supported', feature: 'recover' }, 'recover'),
    upgrade: () => reject({ code: 'feature-not-supported', feature: 'upgrade' }, 'upgrade'),
  };
  return calls;
};

/**
 * A light client over a store. The store holds the state, nothing else does: two instances over one store are one client.
 */
export const createLightClient = (deps: LightClientDeps): LightClient => ({
  // Outside of a transaction every call is one of its own.
  ...createCalls(deps, () => new TransactionMemory()),
  beginTransaction: () => {
    const store = createOverlayStore(deps.store);
    const memory = new TransactionMemory();
    return { ...createCalls({ ...deps, store }, () => memory), commit: () => store.commit() };
  },
});
