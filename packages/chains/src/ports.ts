import type { Address, CommitmentPath, Hex, Packet } from '@interchain-attestation/core';

/** Which chain, told apart from any other chain that may answer behind the same URL. */
export interface ChainIdentity {
  /** Decimal for EVM ("31337"), the chain id for Cosmos. */
  readonly chainId: string;
  /** Hash of the first block, 0x hex. */
  readonly genesisHash: Hex;
  /** Where packets are kept: the router's address in EIP-55 (EVM), the store's name (Cosmos). */
  readonly store: string;
}

/** A block as its chain names it. */
export interface BlockHeader {
  readonly height: bigint;
  readonly hash: Hex;
  readonly parentHash: Hex;
  /** Unix seconds; rounded down where the chain counts finer. */
  readonly timestampSec: bigint;
}

/** A path to read; `hashedPath` (core's `hashPath`, 32 bytes) spares hashing it again where the caller has it. */
export interface StorePath extends CommitmentPath {
  readonly hashedPath?: Uint8Array;
}

/** How an operation may be cut short. Every port call takes it; without a signal the adapter's own time-outs hold. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * Reads one chain. Every method throws {@link ChainError}; `chain/unavailable` (an outage: no answer, HTML, time-out,
 * wrong chain id) is told apart from `chain/height-not-final`, `chain/height-not-found` and `chain/state-pruned`.
 */
export interface ChainReader {
  /** `evm` or `cosmos`: which form transactions and proofs take. */
  readonly kind: 'evm' | 'cosmos';
  /** Name of the chain in the configuration. */
  readonly name: string;
  /** Origin of the RPC URL, for logs: never its path, query or credentials. */
  readonly origin: string;

  /** The identity, checked against the configured one at first use and after each reconnect. */
  identity(options?: CallOptions): Promise<ChainIdentity>;

  /** The newest block; not necessarily final. */
  latestBlock(options?: CallOptions): Promise<BlockHeader>;

  /**
   * The highest final block under the chain's configured finality rule. Calls at the same time share one request; the
   * answer may be remembered for a short configured time. With `covering`, an answer that is already at least that
   * high may be remembered, and any lower one is asked for anew: "is this height final?" never suffers from memory.
   * @throws ChainError `chain/height-not-final` (retryable) when the chain has no final block yet
   */
  finalizedBlock(options?: CallOptions & { readonly covering?: bigint }): Promise<BlockHeader>;

  /**
   * Canonical headers at these heights, in one round trip, in the order asked; undefined where the chain has no such
   * block yet. Says nothing about finality.
   */
  headers(heights: readonly bigint[], options?: CallOptions): Promise<readonly (BlockHeader | undefined)[]>;

  /**
   * What the chain holds at these paths in exactly this block (EIP-1898 by hash on EVM): 32 bytes each, or undefined
   * for a proven-by-answer absence (the contract has code at that block, the getter answered, the value is zero).
   * A constant number of requests for any number of paths; calls at the same time may share one.
   * @throws ChainError `chain/block-not-canonical` when the hash is no longer part of the chain,
   * `chain/state-pruned`, `chain/not-a-router` when the store cannot be what it is configured as
   */
  commitments(
    block: BlockHeader,
    paths: readonly StorePath[],
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]>;

  /** Limits that a transaction to this chain must keep. */
  limits(options?: CallOptions): Promise<TransactionLimits>;

  close(): Promise<void>;
}

/** What one transaction may take. */
export interface TransactionLimits {
  /** Largest signed transaction, in bytes (geth: 131,072). */
  readonly maxTxBytes: number;
  /** Largest gas limit of one transaction: the lesser of 2^24 (EIP-7825) and a share of the block gas limit. */
  readonly maxTxGas: bigint;
}

/** State of an attestation light client as its chain holds it. */
export interface AttestationClientState {
  readonly attestors: readonly Address[];
  readonly minRequiredSigs: number;
  readonly latestHeight: bigint;
  readonly isFrozen: boolean;
  /** True when follow-up proofs of one transaction may be empty (verified once, announced through ERC-165). */
  readonly verifiesOncePerTransaction: boolean;
  /** Address of the light client contract (EVM) or the client id (Cosmos). */
  readonly location: string;
}

export interface Counterparty {
  readonly clientId: string;
  readonly merklePrefix: readonly Uint8Array[];
}

/** Reads light clients on one chain. Always at the newest block unless said otherwise. */
export interface ClientReader {
  /** @throws ChainError `chain/client-not-found`, `chain/not-an-attestation-client` */
  clientState(clientId: string, options?: CallOptions): Promise<AttestationClientState>;
  /** Unix seconds, or undefined when the client holds no consensus state there. */
  consensusTimestamps(
    clientId: string,
    heights: readonly bigint[],
    options?: CallOptions,
  ): Promise<readonly (bigint | undefined)[]>;
  /** @throws ChainError `chain/client-not-found` */
  counterparty(clientId: string, options?: CallOptions): Promise<Counterparty>;
}

interface EventPlace {
  readonly height: bigint;
  readonly blockHash: Hex;
  /**
   * Hash of the transaction: 32 bytes, 0x hex. What a Cosmos block did outside of transactions goes by the hash of the
   * block.
   */
  readonly txId: Hex;
  /** Position of the event in its block: orders events of one block. */
  readonly index: number;
}

/** What a chain said about a packet. */
export type PacketEvent = EventPlace &
  (
    | { readonly type: 'send'; readonly packet: Packet }
    | {
        readonly type: 'write-acknowledgement';
        readonly packet: Packet;
        readonly acknowledgements: readonly Uint8Array[];
      }
    | { readonly type: 'acknowledge'; readonly packet: Packet; readonly acknowledgement: Uint8Array }
    | { readonly type: 'timeout'; readonly packet: Packet }
  );

/** Finds packet events. */
export interface EventSource {
  /**
   * Events of one transaction, in order; empty when it made none. On Cosmos the hash of a block stands for all of it.
   * @throws ChainError `chain/tx-not-found` (retryable: it may not be mined yet), `chain/tx-failed`
   */
  transactionEvents(txId: Hex, options?: CallOptions): Promise<readonly PacketEvent[]>;

  /**
   * Events of the blocks `from..to`, both included, oldest first. Cuts the range into pieces that the node takes and
   * yields each with the last height it covers, so that a caller can store its cursor.
   */
  events(
    from: bigint,
    to: bigint,
    options?: CallOptions,
  ): AsyncIterable<{ readonly through: bigint; readonly events: readonly PacketEvent[] }>;

  /**
   * Calls back at each new head, by subscription or, where there is none or it broke, by polling. Never stops by
   * itself: an outage is reported through `onError` once, and watching goes on.
   */
  watchHeads(handlers: { onHead(head: BlockHeader): void; onError?(error: Error): void }): { close(): void };
}

/** A transaction as the proof API hands it out: calldata and contract (EVM), or an encoded TxBody (Cosmos). */
export interface UnsignedTransaction {
  readonly tx: Uint8Array;
  /** EIP-55 address of the contract (EVM); empty for Cosmos. */
  readonly address: string;
}

/** How a transaction ended on chain. */
export interface TransactionReceipt {
  readonly txId: Hex;
  readonly height: bigint;
  readonly blockHash: Hex;
  readonly success: boolean;
  readonly gasUsed: bigint;
  /** Decimal amount in the chain's smallest unit. */
  readonly feePaid: bigint;
  /** Size of the signed transaction. */
  readonly bytes: number;
  /** Packet events of the transaction, in order. */
  readonly events: readonly PacketEvent[];
  /** Decoded reason when it failed: error name and arguments, or the log of the chain. */
  readonly failure?: string;
}

/** A verdict on a transaction that was not sent. */
export type Simulation =
  | { readonly ok: true; readonly gas: bigint; readonly bytes: number }
  | {
      readonly ok: false;
      /** Name of the decoded custom error, or `out-of-gas`, `reverted`, `too-large`. */
      readonly reason: string;
      readonly message: string;
    };

/** Signs and submits for one account on one chain. Safe to call many times at once: it orders nonces itself. */
export interface TxSender {
  /** Account in the chain's own form. */
  readonly account: string;
  /** Runs the transaction against the newest state. */
  simulate(transaction: UnsignedTransaction, options?: CallOptions): Promise<Simulation>;
  /**
   * Simulates, signs, broadcasts, bumps the fee when it hangs, and waits until it is included.
   * Resolves also when the included transaction failed (`success: false`).
   * @throws ChainError `chain/simulation-failed` (meta.reason), `chain/tx-too-large`, `chain/insufficient-funds`,
   * `chain/unavailable`, `chain/tx-dropped`
   */
  submit(
    transaction: UnsignedTransaction,
    options?: CallOptions & { onBroadcast?(txId: Hex): void },
  ): Promise<TransactionReceipt>;
  /** Balance in the smallest unit. */
  balance(options?: CallOptions): Promise<bigint>;
}

/** A secp256k1 key, wherever it lives. Mirrors what a remote signer offers, so that one can stand in for another. */
export interface Signer {
  /** Compressed public key, 33 bytes. */
  readonly publicKey: Uint8Array;
  readonly address: Address;
  /** Hashes `message` with sha256 and signs: 65 bytes r || s || v, low s, v 27 or 28. An attestor sends its preimage. */
  signRecoverable(message: Uint8Array): Promise<Uint8Array>;
  /** Signs an unsigned, serialized EVM transaction (hashed with keccak256). */
  signEvmTransaction(serialized: Uint8Array): Promise<{ readonly r: Hex; readonly s: Hex; readonly yParity: 0 | 1 }>;
  /** Signs a Cosmos SignDoc (hashed with sha256): 64 bytes r || s. */
  signCosmosTransaction(signDoc: Uint8Array): Promise<Uint8Array>;
}

/** Time, so that tests can own it. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Resolves after `ms`, rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
