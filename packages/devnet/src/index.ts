export { type AnvilOptions, startAnvil } from './chain/anvil.ts';
export {
  type CosmosDevChain,
  type CosmosMessage,
  cosmosVoucher,
  type DevnetCosmosChain,
} from './chain/cosmos-dev-chain.ts';
export type { DevChain, WriteCall } from './chain/dev-chain.ts';
export type { EvmNode } from './chain/evm-node.ts';
export { DevnetError, type DevnetErrorCode } from './errors.ts';
export { untilChainsPass } from './network/chain-time.ts';
export type { DeployedEnd } from './network/cosmos-chains.ts';
export type {
  Devnet,
  DevnetAttestor,
  DevnetChain,
  DevnetOptions,
  DevnetProgress,
} from './network/devnet.ts';
export { cosmosAddressOf, DEVNET_PASSWORD, type DevKey, deriveKey } from './network/keys.ts';
export {
  type AttestorLayout,
  CHAIN_NAMES,
  type ChainName,
  type Connection,
  type CosmosName,
  type DevnetFinality,
  type Layout,
  type NetworkChain,
  otherChain,
} from './network/layout.ts';
export { startDevnet } from './network/start-devnet.ts';
export { type ClientView, readClient, signState, updateWithState } from './packets/contradiction.ts';
export { type CosmosTransferOptions, sendCosmosTransfers } from './packets/cosmos-transfer.ts';
export type { PacketOutcome, PacketStep, TrackedPacket } from './packets/packet-book.ts';
export { type PacketTracker, trackPackets } from './packets/tracker.ts';
export { balanceOf, sendTransfers, type TransferOptions, voucherOf } from './packets/transfer.ts';
export type { ManagedProcess } from './process/managed-process.ts';
export { type Reaper, startReaper } from './process/reaper.ts';
