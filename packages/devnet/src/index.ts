export { type Anvil, type AnvilOptions, startAnvil } from './chain/anvil.ts';
export type { DevChain, WriteCall } from './chain/dev-chain.ts';
export { DevnetError, type DevnetErrorCode } from './errors.ts';
export { DEVNET_PASSWORD, type DevKey, deriveKey } from './network/keys.ts';
export {
  type AttestorLayout,
  CHAIN_NAMES,
  type ChainName,
  type DevnetFinality,
  type Layout,
  otherChain,
} from './network/layout.ts';
export {
  type Devnet,
  type DevnetAttestor,
  type DevnetChain,
  type DevnetOptions,
  type DevnetProgress,
  startDevnet,
} from './network/start-devnet.ts';
export { type ClientView, readClient, signState } from './packets/contradiction.ts';
export {
  type PacketOutcome,
  type PacketStep,
  type PacketTracker,
  type TrackedPacket,
  trackPackets,
} from './packets/tracker.ts';
export { balanceOf, sendTransfers, type TransferOptions, voucherOf } from './packets/transfer.ts';
export type { ManagedProcess } from './process/managed-process.ts';
export { findFreePorts } from './process/ports.ts';
export { type Reaper, startReaper } from './process/reaper.ts';
