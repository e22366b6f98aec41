import {
  ackCommitment,
  type CommitmentPath,
  encodePacket,
  type Hex,
  keccak256,
  type Packet,
  packetCommitment,
} from '@interchain-attestation/core';
import { ChainError } from '../errors.ts';
import type {
  AttestationClientState,
  BlockHeader,
  CallOptions,
  ChainReader,
  ClientReader,
  Counterparty,
  EventSource,
  TransactionLimits,
  TxSender,
  UnsignedTransaction,
} from '../ports.ts';
import { createFakeLedger, type FakeBlock, type FakeTransaction, stateKey } from './fake-ledger.ts';

export interface FakeChainOptions {
  readonly name?: string;
  readonly chainId?: string;
  readonly store?: string;
  /** Blocks below the head that are not final; default 0. */
  readonly finalityOffset?: number;
  readonly genesisTimestampSec?: bigint;
  readonly limits?: TransactionLimits;
}

/** A client that the fake chain holds. */
export interface FakeClient {
  readonly state: AttestationClientState;
  readonly counterparty: Counterparty;
  /** Unix seconds by height. */
  readonly consensus: ReadonlyMap<bigint, bigint>;
}

/** What a transaction to the fake chain does; `revert` names a custom error. */
export type FakeExecution =
  | { readonly effects: Pick<FakeTransaction, 'events' | 'writes'>; readonly gas?: bigint }
  | { readonly revert: string };

/**
 * A chain in memory behind every port, driven by the test: nothing happens until it says so. Passes the same conformance
 * suites as the EVM adapter.
 */
export interface FakeChain {
  readonly reader: ChainReader;
  readonly clients: ClientReader;
  readonly events: EventSource;
  createSender(account: string): TxSender;
  /** Makes blocks; returns the newest header. */
  mine(blocks?: number, timestampSec?: bigint): BlockHeader;
  /** Replaces the newest blocks by as many empty ones and one more. */
  reorg(depth: number): BlockHeader;
  /** Writes into the store with the next block; undefined clears. */
  write(path: CommitmentPath, value: Uint8Array | undefined): void;
  /** Queues a send, with its commitment, for the next block. */
  sendPacket(packet: Packet): Hex;
  /** Queues a receive: receipt, acknowledgement commitment and event. */
  receivePacket(packet: Packet, acknowledgements: readonly Uint8Array[]): Hex;
  /** Queues an acknowledgement: clears the commitment. */
  acknowledgePacket(packet: Packet, acknowledgement: Uint8Array): Hex;
  /** Queues a timeout: clears the commitment. */
  timeoutPacket(packet: Packet): Hex;
  /** Queues a transaction that fails. */
  fail(): Hex;
  setClient(clientId: string, client: FakeClient): void;
  /** What transactions do; by default they do nothing and succeed. */
  onTransaction(execute: (transaction: UnsignedTransaction) => FakeExecution): void;
  /** Every call fails with this from now on; undefined ends it. */
  setOutage(error: ChainError | undefined): void;
  /** State below this height is gone. */
  pruneBelow(height: bigint): void;
  /** Whether what is configured as the store is one. */
  setIsRouter(isRouter: boolean): void;
}

const at = (kind: CommitmentPath['kind'], clientId: string, sequence: bigint): CommitmentPath => ({
  kind,
  clientId,
  sequence,
});

export const createFakeChain = (options: FakeChainOptions = {}): FakeChain => {
  const name = options.name ?? 'fake';
  const limits = options.limits ?? { maxTxBytes: 131_072, maxTxGas: 2n ** 24n };
  const ledger = createFakeLedger(name, options.genesisTimestampSec ?? 1_700_000_000n);
  const clientsById = new Map<string, FakeClient>();
  const watchers = new Set<Parameters<EventSource['watchHeads']>[0]>();
  const waiting = new Map<Hex, (block: FakeBlock, transaction: FakeTransaction) => void>();
  let execute: (transaction: UnsignedTransaction) => FakeExecution = () => ({ effects: { events: [], writes: [] } });
  let outage: ChainError | undefined;
  let prunedBelow = 0n;
  let isRouter = true;

  /** What every port call does first. */
  const enter = (call?: CallOptions): void => {
    call?.signal?.throwIfAborted();
    if (outage !== undefined) throw outage;
  };

  const mine = (blocks = 1, timestampSec?: bigint): BlockHeader => {
    for (let i = 0; i < blocks; i++) {
      const block = ledger.mine(timestampSec);
      for (const transaction of block.transactions) waiting.get(transaction.txId)?.(block, transaction);
      for (const watcher of [...watchers]) watcher.onHead(block.header);
    }
    return ledger.head.header;
  };

  const reader: ChainReader = {
    kind: 'evm',
    name,
    origin: `fake://${name}`,
    async identity(call) {
      enter(call);
      const genesisHash = ledger.blocks[0]?.header.hash ?? '0x';
      return { chainId: options.chainId ?? '31337', genesisHash, store: options.store ?? `0x${'11'.repeat(20)}` };
    },
    async latestBlock(call) {
      enter(call);
      return ledger.head.header;
    },
    async finalizedBlock(call) {
      enter(call);
      const block = ledger.at(ledger.head.header.height - BigInt(options.finalityOffset ?? 0));
      if (block === undefined)
        throw new ChainError('chain/height-not-final', `${name} has no final block yet`, { retryable: true });
      return block.header;
    },
    async headers(heights, call) {
      enter(call);
      return heights.map((height) => {
        if (height < 0n) throw new ChainError('chain/invalid-input', `height is negative: ${height}`);
        return ledger.at(height)?.header;
      });
    },
    async commitments(block, paths, call) {
      enter(call);
      if (!/^0x[0-9a-f]{64}$/.test(block.hash)) throw new ChainError('chain/invalid-input', 'not a block hash');
      if (paths.length === 0) return [];
      const found = ledger.at(block.height);
      if (found === undefined) throw new ChainError('chain/unavailable', 'unknown block', { retryable: true });
      if (found.header.hash !== block.hash) {
        throw new ChainError('chain/block-not-canonical', `block ${block.height} is ${found.header.hash} now`);
      }
      if (block.height < prunedBelow) throw new ChainError('chain/state-pruned', `no state of block ${block.height}`);
      if (!isRouter) throw new ChainError('chain/not-a-router', 'the configured store is none');
      return paths.map((path) => found.state.get(stateKey(path)));
    },
    async limits(call) {
      enter(call);
      return limits;
    },
    close: async () => watchers.clear(),
  };

  const clientOf = (clientId: string): FakeClient => {
    const client = clientsById.get(clientId);
    if (client === undefined)
      throw new ChainError('chain/client-not-found', `no client ${clientId}`, { meta: { clientId } });
    return client;
  };

  const clients: ClientReader = {
    async clientState(clientId, call) {
      enter(call);
      return clientOf(clientId).state;
    },
    async consensusTimestamps(clientId, heights, call) {
      enter(call);
      const { consensus } = clientOf(clientId);
      return heights.map((height) => consensus.get(height));
    },
    async counterparty(clientId, call) {
      enter(call);
      return clientOf(clientId).counterparty;
    },
  };

  const events: EventSource = {
    async transactionEvents(txId, call) {
      enter(call);
      for (const block of ledger.blocks) {
        const transaction = block.transactions.find((candidate) => candidate.txId === txId);
        if (transaction === undefined) continue;
        if (!transaction.success) throw new ChainError('chain/tx-failed', `transaction ${txId} failed`);
        return block.events.filter((event) => event.txId === txId);
      }
      throw new ChainError('chain/tx-not-found', `no transaction ${txId}`, { retryable: true });
    },
    async *events(from, to, call) {
      if (from < 0n) throw new ChainError('chain/invalid-input', `not a range of blocks: ${from}..${to}`);
      if (from > to) return;
      enter(call);
      if (ledger.at(to) === undefined) {
        throw new ChainError('chain/height-not-found', `no block ${to} yet`, { retryable: true });
      }
      yield {
        through: to,
        events: ledger.blocks.slice(Number(from), Number(to) + 1).flatMap((block) => block.events),
      };
    },
    watchHeads(handlers) {
      watchers.add(handlers);
      queueMicrotask(() => watchers.has(handlers) && handlers.onHead(ledger.head.header));
      return { close: () => watchers.delete(handlers) };
    },
  };

  const createSender = (account: string): TxSender => ({
    account,
    async simulate(transaction, call) {
      enter(call);
      const bytes = transaction.tx.length + 120;
      if (bytes > limits.maxTxBytes) return { ok: false, reason: 'too-large', message: `${bytes} bytes` };
      const execution = execute(transaction);
      if ('revert' in execution) return { ok: false, reason: execution.revert, message: execution.revert };
      const gas = execution.gas ?? 100_000n;
      if (gas > limits.maxTxGas) return { ok: false, reason: 'out-of-gas', message: `takes ${gas} gas` };
      return { ok: true, gas, bytes };
    },
    async submit(transaction, call) {
      const simulation = await this.simulate(transaction, call);
      if (!simulation.ok) {
        const code = simulation.reason === 'too-large' ? 'chain/tx-too-large' : 'chain/simulation-failed';
        throw new ChainError(code, simulation.message, { meta: { reason: simulation.reason } });
      }
      const execution = execute(transaction);
      if ('revert' in execution) throw new ChainError('chain/simulation-failed', execution.revert);
      const txId = ledger.queue({ ...execution.effects, success: true });
      call?.onBroadcast?.(txId);
      const block = await new Promise<FakeBlock>((resolve, reject) => {
        waiting.set(txId, resolve);
        call?.signal?.addEventListener('abort', () => reject(call.signal?.reason), { once: true });
      });
      return {
        txId,
        height: block.header.height,
        blockHash: block.header.hash,
        success: true,
        gasUsed: simulation.gas,
        feePaid: simulation.gas,
        bytes: simulation.bytes,
        events: block.events.filter((event) => event.txId === txId),
      };
    },
    async balance(call) {
      enter(call);
      return 10n ** 18n;
    },
  });

  const queue = (event: FakeTransaction['events'][number], writes: FakeTransaction['writes']): Hex =>
    ledger.queue({ events: [event], writes, success: true });

  return {
    reader,
    clients,
    events,
    createSender,
    mine,
    reorg(depth) {
      ledger.drop(depth);
      return mine(depth + 1);
    },
    write: (path, value) => void ledger.queue({ events: [], writes: [[path, value]], success: true }),
    sendPacket: (packet) =>
      queue({ type: 'send', packet }, [[at('packet', packet.sourceClient, packet.sequence), packetCommitment(packet)]]),
    receivePacket: (packet, acknowledgements) =>
      queue({ type: 'write-acknowledgement', packet, acknowledgements }, [
        [at('receipt', packet.destClient, packet.sequence), keccak256(encodePacket(packet))],
        [at('acknowledgement', packet.destClient, packet.sequence), ackCommitment(acknowledgements)],
      ]),
    acknowledgePacket: (packet, acknowledgement) =>
      queue({ type: 'acknowledge', packet, acknowledgement }, [
        [at('packet', packet.sourceClient, packet.sequence), undefined],
      ]),
    timeoutPacket: (packet) =>
      queue({ type: 'timeout', packet }, [[at('packet', packet.sourceClient, packet.sequence), undefined]]),
    fail: () => ledger.queue({ events: [], writes: [], success: false }),
    setClient: (clientId, client) => void clientsById.set(clientId, client),
    onTransaction(next) {
      execute = next;
    },
    setOutage(error) {
      outage = error;
      if (error !== undefined) for (const watcher of [...watchers]) watcher.onError?.(error);
    },
    pruneBelow(height) {
      prunedBelow = height;
    },
    setIsRouter(value) {
      isRouter = value;
    },
  };
};
