import { assertUint64 } from '@interchain-attestation/core';
import { createLightClient } from './create-light-client.ts';
import { LightClientError } from './errors.ts';
import type { LightClient, LightClientDeps } from './light-client.ts';
import { createMemoryStore } from './store.ts';

/** What was read from a client on a chain. */
export interface ClientSnapshot extends Omit<LightClientDeps, 'store'> {
  readonly clientState: {
    /** Hex addresses, any case, as the chain lists them. */
    readonly attestors: readonly string[];
    readonly minRequiredSigs: number;
    readonly latestHeight: bigint;
    readonly isFrozen: boolean;
  };
  /** Height and timestamp (in the policy's unit) of the consensus states that matter; a `Map` will do. */
  readonly consensusStates: Iterable<readonly [height: bigint, timestamp: bigint]>;
}

/**
 * A client in memory that stands where one on a chain stood when it was read: what it accepts, that one would accept,
 * as long as its state is the same. Nothing written to it reaches the chain.
 *
 * @example
 * const client = createSnapshotClient({ policy: solidityPolicy, clientState, consensusStates: [[100n, 1_700_000_000n]] });
 * const transaction = client.beginTransaction();
 * const update = transaction.updateClient(updateProof);
 * const verdict = transaction.verifyMembership({ proof, height: 101n, path: [path], value: commitment });
 * if (!verdict.ok) console.log(verdict.errorName, verdict.message);
 *
 * @throws LightClientError `light-client/out-of-range`; CoreError `address/invalid`, `address/checksum`,
 * `number/out-of-range`
 */
export const createSnapshotClient = (snapshot: ClientSnapshot): LightClient => {
  const { clientState, consensusStates, ...deps } = snapshot;
  const { codec, maxQuorum, readAttestors } = deps.policy;
  const { minRequiredSigs, isFrozen } = clientState;
  // A quorum of zero would accept anything: no client holds one, so what was read is not a client.
  if (!Number.isInteger(minRequiredSigs) || minRequiredSigs < 1 || minRequiredSigs > maxQuorum) {
    throw new LightClientError(
      'light-client/out-of-range',
      `minRequiredSigs: expected 1..${maxQuorum}, got ${minRequiredSigs}`,
      { meta: { got: minRequiredSigs, limit: maxQuorum } },
    );
  }
  const state = {
    ...readAttestors(clientState.attestors),
    minRequiredSigs,
    latestHeight: assertUint64(clientState.latestHeight, 'latestHeight'),
    isFrozen,
  };
  const store = createMemoryStore();
  const states = Array.from(consensusStates, ([height, timestamp]) => ({
    key: codec.consensusStateKey(assertUint64(height, 'height')),
    value: codec.encodeConsensusState({ timestamp }),
  }));
  store.apply([{ key: codec.clientStateKey, value: codec.encodeClientState(state) }, ...states]);
  return createLightClient({ ...deps, store });
};
