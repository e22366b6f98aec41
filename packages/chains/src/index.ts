export { type AgreementOptions, createAgreeingReader } from './agreement/agreeing-reader.ts';
export { systemClock } from './clock.ts';
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
  StorePath,
  TransactionLimits,
  TransactionReceipt,
  TxSender,
  UnsignedTransaction,
} from './ports.ts';
export { createKeystore, decryptKeystore, loadKeystore } from './signers/keystore.ts';
export { loadKeystoreFile, writeKeystoreFile } from './signers/keystore-file.ts';
export { createMemorySigner } from './signers/memory-signer.ts';
export { type PasswordSource, readPassword } from './signers/password.ts';
