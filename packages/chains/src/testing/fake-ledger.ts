import {
  bytesToHex,
  type CommitmentPath,
  encodeUint64,
  type Hex,
  hashPath,
  sha256,
  utf8ToBytes,
} from '@interchain-attestation/core';
import type { BlockHeader, PacketEvent } from '../ports.ts';

/** An event before its block and transaction are known. */
export type EventBody = PacketEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'height' | 'blockHash' | 'txId' | 'index'>
    : never
  : never;

/** What one transaction of the fake chain does. */
export interface FakeTransaction {
  readonly txId: Hex;
  readonly events: readonly EventBody[];
  readonly writes: readonly (readonly [CommitmentPath, Uint8Array | undefined])[];
  readonly success: boolean;
}

/** A block with the whole state after it. */
export interface FakeBlock {
  readonly header: BlockHeader;
  readonly state: ReadonlyMap<Hex, Uint8Array>;
  readonly events: readonly PacketEvent[];
  readonly transactions: readonly FakeTransaction[];
}

/** Blocks, state and events of a fake chain: what would stand in a node's database. */
export interface FakeLedger {
  readonly blocks: readonly FakeBlock[];
  readonly head: FakeBlock;
  at(height: bigint): FakeBlock | undefined;
  /** Waits for the next block. */
  queue(transaction: Omit<FakeTransaction, 'txId'>): Hex;
  /** Makes a block of what is queued. @param timestampSec default: one second after its parent */
  mine(timestampSec?: bigint): FakeBlock;
  /** Drops the newest blocks and everything in them; what is mined next has other hashes. */
  drop(blocks: number): void;
}

const fakeHash = (...parts: readonly (string | bigint)[]): Hex => bytesToHex(sha256(utf8ToBytes(parts.join('/'))));

export const stateKey = (path: CommitmentPath): Hex => bytesToHex(hashPath(path));

export const createFakeLedger = (name: string, genesisTimestampSec: bigint): FakeLedger => {
  let forks = 0n;
  let transactionCount = 0n;
  let queued: FakeTransaction[] = [];
  const genesis: FakeBlock = {
    header: {
      height: 0n,
      hash: fakeHash(name, 'genesis'),
      parentHash: bytesToHex(new Uint8Array(32)),
      timestampSec: genesisTimestampSec,
    },
    state: new Map(),
    events: [],
    transactions: [],
  };
  const blocks: FakeBlock[] = [genesis];
  const newest = (): FakeBlock => blocks.at(-1) ?? genesis;

  return {
    blocks,
    get head() {
      return newest();
    },
    at: (height) => (height < BigInt(blocks.length) ? blocks[Number(height)] : undefined),
    queue(transaction) {
      const txId = bytesToHex(sha256(encodeUint64(++transactionCount)));
      queued.push({ ...transaction, txId });
      return txId;
    },
    mine(timestampSec) {
      const parent = newest().header;
      const height = parent.height + 1n;
      const hash = fakeHash(name, height, forks, parent.hash);
      const state = new Map(newest().state);
      const events: PacketEvent[] = [];
      for (const transaction of queued) {
        for (const [path, value] of transaction.writes) {
          if (value === undefined) state.delete(stateKey(path));
          else state.set(stateKey(path), value);
        }
        for (const body of transaction.events) {
          events.push({ ...body, height, blockHash: hash, txId: transaction.txId, index: events.length });
        }
      }
      const block: FakeBlock = {
        header: { height, hash, parentHash: parent.hash, timestampSec: timestampSec ?? parent.timestampSec + 1n },
        state,
        events,
        transactions: queued,
      };
      queued = [];
      blocks.push(block);
      return block;
    },
    drop(count) {
      forks++;
      blocks.splice(Math.max(1, blocks.length - count));
    },
  };
};
