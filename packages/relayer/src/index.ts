export {
  type BatchPolicy,
  type ChainConfig,
  parseRelayerConfig,
  type RelayerConfig,
  type RelayerConfigInput,
  relayerConfigSchema,
} from './config.ts';
export type { ChainFact, PacketKey, PacketRecord, Progress, ReceiveFact } from './domain/packet-record.ts';
export { type BaseState, type Leg, PACKET_STATES, type PacketState, packetState } from './domain/packet-state.ts';
export type { Direction, Route, RouteEnd } from './domain/route.ts';
export { RelayerError, type RelayerErrorCode } from './errors.ts';
export type { BatchInfo, Emit, RelayerEvent } from './events.ts';
export type { ProofApi } from './relay/proof-request.ts';
export { type ChainProgress, createRelayer, type Relayer, type RelayerDeps } from './relayer.ts';
export { type RunningRelayer, readinessOf, type StartRelayerDeps, startRelayer } from './start.ts';
export type { Halt } from './store/halts.ts';
export type { PacketFilter, PacketQueries } from './store/packet-queries.ts';
export type { ChainHandle } from './watch/chain-handle.ts';
