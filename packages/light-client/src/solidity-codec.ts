import {
  AbiReader,
  AbiWriter,
  assertUint64,
  checksumAddress,
  equalBytes,
  hexToBytes,
} from '@interchain-attestation/core';
import { LightClientError } from './errors.ts';
import type { ClientState, ConsensusState, StateCodec } from './state.ts';

const malformed = (what: string, cause?: unknown): never => {
  throw new LightClientError('light-client/state-malformed', `stored ${what} is not what this client writes`, {
    cause,
  });
};

const encodeClientState = (state: ClientState): Uint8Array => {
  const writer = new AbiWriter(32 * (6 + state.attestors.length))
    .size(32)
    .size(128)
    .size(state.minRequiredSigs)
    .uint64(state.latestHeight, 'latestHeight')
    .size(state.isFrozen ? 1 : 0)
    .size(state.attestors.length);
  for (const attestor of state.attestors) {
    const word = new Uint8Array(32);
    word.set(hexToBytes(attestor), 12);
    writer.word(word);
  }
  return writer.data;
};

const readClientState = (bytes: Uint8Array): ClientState => {
  const reader = new AbiReader(bytes);
  const struct = reader.follow(0, 0, 128, 'ClientState');
  const array = reader.follow(struct, struct, 32, 'attestorAddresses');
  const count = reader.length(array, 32, 'attestorAddresses');
  return {
    attestors: Array.from({ length: count }, (_, i) =>
      checksumAddress(reader.word(array + 32 * (i + 1), 'attestor').subarray(12)),
    ),
    minRequiredSigs: Number(reader.uint64(struct + 32, 'minRequiredSigs')),
    latestHeight: reader.uint64(struct + 64, 'latestHeight'),
    isFrozen: reader.uint64(struct + 96, 'isFrozen') !== 0n,
  };
};

/**
 * State as the Solidity client's getters return it: the client state as `getClientState` does, a consensus state as one
 * ABI word of seconds. The keys are those of ibc-go, since contract storage has none to borrow.
 */
export const solidityCodec: StateCodec = {
  clientStateKey: 'clientState',
  consensusStateKey: (height) => `consensusStates/0-${height}`,
  encodeClientState,
  decodeClientState(bytes) {
    let state: ClientState;
    try {
      state = readClientState(bytes);
    } catch (cause) {
      return malformed('client state', cause);
    }
    // A quorum is a uint8; all other deviations show when the state is written once more.
    const canonical = state.minRequiredSigs <= 0xff && equalBytes(encodeClientState(state), bytes);
    return canonical ? state : malformed('client state');
  },
  encodeConsensusState: ({ timestamp }) =>
    new AbiWriter(32).uint64(assertUint64(timestamp, 'timestamp'), 'timestamp').data,
  decodeConsensusState(bytes): ConsensusState {
    if (bytes.length !== 32) return malformed('consensus state');
    try {
      return { timestamp: new AbiReader(bytes).uint64(0, 'timestamp') };
    } catch (cause) {
      return malformed('consensus state', cause);
    }
  },
};
