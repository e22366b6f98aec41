import { assertUint64, equalBytes, utf8ToBytes } from '@interchain-attestation/core';
import { LightClientError } from './errors.ts';
import { readIbcGoAttestors } from './ibc-go-initial-state.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import type { ClientState, ConsensusState, StateCodec } from './state.ts';

const PACKAGE = '/ibc.lightclients.attestations.v1';
/** Type URLs of the states in MsgCreateClient and in the store. */
export const IBC_GO_CLIENT_STATE_TYPE_URL: string = `${PACKAGE}.ClientState`;
export const IBC_GO_CONSENSUS_STATE_TYPE_URL: string = `${PACKAGE}.ConsensusState`;

const CLIENT_STATE_URL = utf8ToBytes(IBC_GO_CLIENT_STATE_TYPE_URL);
const CONSENSUS_STATE_URL = utf8ToBytes(IBC_GO_CONSENSUS_STATE_TYPE_URL);
const EMPTY: Uint8Array = new Uint8Array(0);
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const malformed = (what: string, cause?: unknown): never => {
  throw new LightClientError('light-client/state-malformed', `stored ${what} is not one of an attestation client`, {
    cause,
  });
};

/** Protobuf `ClientState`, not wrapped in Any. */
export const encodeIbcGoClientState = (state: ClientState): Uint8Array => {
  const writer = new ProtobufWriter();
  for (const text of state.spelling ?? state.attestors) writer.bytes(1, utf8ToBytes(text), 'repeated');
  return writer
    .uint64(2, BigInt(state.minRequiredSigs))
    .uint64(3, assertUint64(state.latestHeight, 'latestHeight'))
    .uint64(4, state.isFrozen ? 1n : 0n)
    .finish();
};

/** Protobuf `ConsensusState`, not wrapped in Any; nanoseconds. */
export const encodeIbcGoConsensusState = (state: ConsensusState): Uint8Array =>
  new ProtobufWriter().uint64(1, assertUint64(state.timestamp, 'timestamp')).finish();

const wrap = (typeUrl: Uint8Array, value: Uint8Array): Uint8Array =>
  new ProtobufWriter().bytes(1, typeUrl).bytes(2, value).finish();

/** The value of an Any of this type. */
const unwrap = (bytes: Uint8Array, typeUrl: Uint8Array, what: string): Uint8Array => {
  const reader = new ProtobufReader(bytes);
  let url = EMPTY;
  let value = EMPTY;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) url = reader.bytes();
    else if (field === 2) value = reader.bytes();
    else reader.skip();
  }
  return equalBytes(url, typeUrl) ? value : malformed(what);
};

const readClientState = (bytes: Uint8Array): ClientState => {
  const reader = new ProtobufReader(unwrap(bytes, CLIENT_STATE_URL, 'client state'));
  const texts: string[] = [];
  let minRequiredSigs = 0;
  let latestHeight = 0n;
  let isFrozen = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) texts.push(utf8Decoder.decode(reader.bytes()));
    else if (field === 2) minRequiredSigs = reader.uint32();
    else if (field === 3) latestHeight = reader.uint64();
    else if (field === 4) isFrozen = reader.bool();
    else reader.skip();
  }
  return { ...readIbcGoAttestors(texts), minRequiredSigs, latestHeight, isFrozen };
};

const readConsensusState = (bytes: Uint8Array): ConsensusState => {
  const reader = new ProtobufReader(unwrap(bytes, CONSENSUS_STATE_URL, 'consensus state'));
  let timestamp = 0n;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) timestamp = reader.uint64();
    else reader.skip();
  }
  return { timestamp };
};

const reading = <T>(what: string, read: () => T): T => {
  try {
    return read();
  } catch (cause) {
    return malformed(what, cause);
  }
};

/** State as it stands in an ibc-go chain's client store: protobuf Any, and ibc-go's keys. */
export const ibcGoCodec: StateCodec = {
  clientStateKey: 'clientState',
  consensusStateKey: (height, revisionNumber = 0n) => `consensusStates/${revisionNumber}-${height}`,
  encodeClientState: (state) => wrap(CLIENT_STATE_URL, encodeIbcGoClientState(state)),
  decodeClientState: (bytes) => reading('client state', () => readClientState(bytes)),
  encodeConsensusState: (state) => wrap(CONSENSUS_STATE_URL, encodeIbcGoConsensusState(state)),
  decodeConsensusState: (bytes) => reading('consensus state', () => readConsensusState(bytes)),
};
