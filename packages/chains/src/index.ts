export { ChainError, type ChainErrorCode } from './errors.ts';
export type {
  AttestationClientState,
  BlockHeader,
  CallOptions,
  ChainIdentity,
  ChainReader,
  ClientReader,
  Clock,
  Counterparty,
  EventSource,
  PacketEvent,
  Signer,
  Simulation,
  TransactionLimits,
  TransactionReceipt,
  TxSender,
  UnsignedTransaction,
} from './ports.ts';
