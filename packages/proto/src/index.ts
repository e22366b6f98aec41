export * as attestations from './gen/ibc/lightclients/attestations/v1/attestations_pb.ts';
export * as attestor from './gen/ibc_attestor/ibc_attestor_pb.ts';
export * as relayer from './gen/interchain_attestation/relayer/v1/relayer_pb.ts';
export * as proofApi from './gen/proofapi/proofapi_pb.ts';
export * as skipRelayer from './gen/skip/relayer/relayer_pb.ts';
