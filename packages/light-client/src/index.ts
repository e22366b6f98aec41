export { createLightClient } from './create-light-client.ts';
export { LightClientError, type LightClientErrorCode } from './errors.ts';
export { explainFault } from './explain.ts';
export {
  encodeIbcGoClientState,
  encodeIbcGoConsensusState,
  IBC_GO_CLIENT_STATE_TYPE_URL,
  IBC_GO_CONSENSUS_STATE_TYPE_URL,
} from './ibc-go-codec.ts';
export { reportIbcGo } from './ibc-go-errors.ts';
export { ibcGoModulePolicy, ibcGoPolicy } from './ibc-go-policy.ts';
export {
  type AttestedStatement,
  inspectProof,
  type ProofInspection,
  type SignatureInspection,
} from './inspect-proof.ts';
export type {
  CallOptions,
  InitialState,
  LightClient,
  LightClientCalls,
  LightClientDeps,
  MembershipProof,
  NonMembershipProof,
  Transaction,
  UpdateResult,
} from './light-client.ts';
export type { CallKind, Policy, ProofCheck, SignerCheck, UpdateCheck } from './policy.ts';
export { encodeProtobufProof, PROTOBUF_PROOF_TYPE_URL, readProtobufProof } from './protobuf-proof.ts';
export { type ClientSnapshot, createSnapshotClient } from './snapshot-client.ts';
export { PROOF_SUBMITTER_ROLE, reportSolidity } from './solidity-errors.ts';
export { deployedSolidityPolicy, solidityPolicy } from './solidity-policy.ts';
export type { AttestorList, ClientState, ClientStatus, ConsensusState, StateCodec } from './state.ts';
export {
  createMemoryStore,
  createOverlayStore,
  type KeyValueStore,
  type MemoryStore,
  type OverlayStore,
  type StoreWrite,
} from './store.ts';
export type { AbciError, ChainError, Fault, FaultCode, Rejection, Verdict } from './verdict.ts';
