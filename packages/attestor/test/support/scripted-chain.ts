import {
  type BlockHeader,
  type CallOptions,
  ChainError,
  type ChainIdentity,
  type ChainReader,
  type StorePath,
  type TransactionLimits,
} from '@interchain-attestation/chains';
import { bytesToHex, encodePath, type Hex, keccak256, utf8ToBytes } from '@interchain-attestation/core';

const hashOf = (text: string): Hex => bytesToHex(keccak256(utf8ToBytes(text)));

/** A chain in memory that does what a test tells it: reorganise, lag, lie, fail. */
export class ScriptedChain implements ChainReader {
  readonly kind = 'evm' as const;
  readonly name = 'scripted';
  readonly origin = 'http://127.0.0.1:1';
  /** Blocks by height. */
  blocks: BlockHeader[] = [];
  finalOffset = 0;
  /** Lowest block that the chain shows: it began there, or the node has pruned what is below. */
  base = 0n;
  /** Whether blocks below `base` are refused as pruned, or simply not there. */
  refusesPruned = false;
  /** Values by path, each with the height from which it holds. */
  readonly #values = new Map<string, { readonly from: bigint; readonly value: Uint8Array | undefined }[]>();
  /** Thrown by every read while set. */
  failure: Error | undefined;
  /** Changes an answer on its way out. */
  lie: ((header: BlockHeader) => BlockHeader) | undefined;
  /** Awaited by every read while set. */
  gate: Promise<void> | undefined;
  readonly calls = { finalizedBlock: 0, headers: 0, headerCount: 0, commitments: 0 };

  constructor(blocks = 20) {
    this.mine(blocks);
  }

  get head(): BlockHeader {
    return this.blocks.at(-1) as BlockHeader;
  }

  mine(count: number, salt = 'a'): void {
    for (let i = 0; i < count; i++) {
      const height = BigInt(this.blocks.length);
      const parentHash = this.blocks.at(-1)?.hash ?? hashOf('nothing');
      this.blocks.push({
        height,
        parentHash,
        hash: hashOf(`${parentHash}/${height}/${salt}`),
        timestampSec: 1_700_000_000n + height * 2n,
      });
    }
  }

  /** Replaces every block from `height` on. */
  reorg(height: bigint, salt = 'b'): void {
    const count = this.blocks.length - Number(height);
    this.blocks.length = Number(height);
    this.mine(count, salt);
  }

  set(path: StorePath, value: Uint8Array | undefined, from = 0n): void {
    const key = bytesToHex(encodePath(path));
    this.#values.set(key, [...(this.#values.get(key) ?? []), { from, value }]);
  }

  async identity(): Promise<ChainIdentity> {
    await this.#answer();
    return { chainId: '31337', genesisHash: this.blocks[0]?.hash ?? '0x', store: `0x${'11'.repeat(20)}` };
  }

  async latestBlock(): Promise<BlockHeader> {
    await this.#answer();
    return this.head;
  }

  async finalizedBlock(options?: CallOptions): Promise<BlockHeader> {
    this.calls.finalizedBlock++;
    await this.#answer(options);
    return this.#show(this.blocks[this.blocks.length - 1 - this.finalOffset] as BlockHeader);
  }

  async headers(heights: readonly bigint[], options?: CallOptions): Promise<readonly (BlockHeader | undefined)[]> {
    this.calls.headers++;
    this.calls.headerCount += heights.length;
    await this.#answer(options);
    const pruned = this.refusesPruned ? heights.find((height) => height < this.base) : undefined;
    if (pruned !== undefined) throw new ChainError('chain/state-pruned', `no block ${pruned}`);
    return heights.map((height) => {
      const block = height < this.base ? undefined : this.blocks[Number(height)];
      return block === undefined ? undefined : this.#show(block);
    });
  }

  async commitments(
    block: BlockHeader,
    paths: readonly StorePath[],
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    this.calls.commitments++;
    await this.#answer(options);
    if (this.blocks[Number(block.height)]?.hash !== block.hash) {
      throw new ChainError('chain/block-not-canonical', `block ${block.height} is not canonical`);
    }
    return paths.map((path) => {
      const history = this.#values.get(bytesToHex(encodePath(path))) ?? [];
      return history.findLast(({ from }) => from <= block.height)?.value;
    });
  }

  async limits(): Promise<TransactionLimits> {
    return { maxTxBytes: 131_072, maxTxGas: 2n ** 24n };
  }

  async close(): Promise<void> {}

  #show(block: BlockHeader): BlockHeader {
    return this.lie === undefined ? block : this.lie(block);
  }

  async #answer(options?: CallOptions): Promise<void> {
    if (this.gate !== undefined) {
      await Promise.race([
        this.gate,
        new Promise((_, reject) => {
          options?.signal?.addEventListener('abort', () => reject(options.signal?.reason), { once: true });
        }),
      ]);
    }
    if (this.failure !== undefined) throw this.failure;
  }
}
