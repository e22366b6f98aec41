import type { Address, Hex, Packet } from '@interchain-attestation/core';
import type { ChainReader, ClientReader, EventSource, TxSender, UnsignedTransaction } from '../../src/ports.ts';

/**
 * A chain that a conformance suite can drive. Blocks appear only when the suite asks for one, or where the chain makes
 * them by itself.
 */
export interface ChainHarness {
  /** True for a chain whose blocks come at any time; false by default. */
  readonly makesBlocksByItself?: boolean;
  /** Blocks below the head that are not final; {@link FINALITY_OFFSET} by default. */
  readonly finalityOffset?: number;
  /** Height of the block whose hash names the chain; 0 by default. */
  readonly genesisHeight?: bigint;
  readonly reader: ChainReader;
  readonly clients: ClientReader;
  readonly events: EventSource;
  readonly sender: TxSender;
  /** An attestation client that stands on the chain. */
  readonly client: {
    readonly id: string;
    readonly counterpartyId: string;
    readonly attestors: readonly Address[];
    readonly minRequiredSigs: number;
    readonly latestHeight: bigint;
    readonly latestTimestampSec: bigint;
    readonly verifiesOncePerTransaction: boolean;
  };
  /** Makes blocks. */
  mine(blocks: number): Promise<void>;
  /** Replaces the newest `depth` blocks by others; missing where a chain replaces none. */
  reorg?(depth: number): Promise<void>;
  /** Sends a packet from the client in a new block. */
  sendPacket(): Promise<{ readonly txId: Hex; readonly packet: Packet }>;
  /** Includes a transaction that fails. */
  failTransaction(): Promise<Hex>;
  /** A reader of the same chain whose configured store is no router. */
  readonly readerOfNoRouter: ChainReader;
  /** A transaction that succeeds and makes one `send` event, one that would be reverted with this error, one too large. */
  readonly transactions: {
    readonly good: UnsignedTransaction;
    readonly reverting: UnsignedTransaction;
    readonly revertName: string;
    readonly tooLarge: UnsignedTransaction;
  };
  stop(): Promise<void>;
}

/** How many blocks below the head are not final in a harness. */
export const FINALITY_OFFSET = 2;

export type CreateHarness = () => Promise<ChainHarness>;

export interface SuiteOptions {
  /** Why the chain cannot be had here: every test is then listed as skipped, with this reason. */
  readonly skip?: string | false;
}

export const NO_REORG = 'this chain replaces no block';
