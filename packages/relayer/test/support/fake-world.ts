import { setTimeout as delay } from 'node:timers/promises';
import {
  type ChainReader,
  type Clock,
  type PacketEvent,
  systemClock,
  type TransactionLimits,
  type UnsignedTransaction,
} from '@interchain-attestation/chains';
import { createFakeChain, type FakeChain, type FakeExecution } from '@interchain-attestation/chains/testing';
import {
  decodePacket,
  encodePacket,
  type Hex,
  ICS20_SUCCESS_ACK,
  type Packet,
  UNIVERSAL_ERROR_ACK,
  utf8ToBytes,
} from '@interchain-attestation/core';
import { GrpcCode, RpcError } from '@interchain-attestation/service';
import { parseRelayerConfig, type RelayerConfigInput } from '../../src/config.ts';
import type { RelayerEvent } from '../../src/events.ts';
import type { ProofApi } from '../../src/relay/proof-request.ts';
import { createRelayer, type Relayer, type RelayerDeps } from '../../src/relayer.ts';
import type { ChainHandle } from '../../src/watch/chain-handle.ts';

type Kind = 'receive' | 'acknowledge' | 'timeout';
export interface Message {
  readonly kind: Kind;
  readonly packet: string;
  readonly acks: readonly string[];
}

/** One side of the fake world: a chain, the client on it and how its router behaves. */
export interface Side {
  readonly chainId: string;
  readonly clientId: string;
  readonly chain: FakeChain;
  readonly handle: ChainHandle;
  /** Packets that the application reverts on, by sequence. */
  readonly poison: Set<bigint>;
  /** Packets whose receive ends in an error acknowledgement. */
  readonly refuse: Set<bigint>;
  /** Every transaction whatsoever reverts with this. */
  revertAll: string | undefined;
  /** Somebody else receives a packet here, with the next block. */
  receiveByAnother(packet: Packet): void;
  /** How often each packet was really received here. */
  readonly received: Map<bigint, number>;
  /** Number of messages of each transaction that was accepted. */
  readonly transactions: { readonly kind: Kind; readonly messages: number; readonly bytes: number }[];
  simulations: number;
  /** Messages of accepted transactions that did nothing: gas thrown away. */
  noops: number;
}

export interface FakeWorld {
  readonly a: Side;
  readonly b: Side;
  readonly events: RelayerEvent[];
  /** Fails every request with this, while set. */
  proofError: RpcError | undefined;
  proofRequests: number;
  /** Packets that attestors have not seen final yet, by sequence. */
  readonly unprovable: Set<bigint>;
  /** Where the proof API's transactions go. */
  router: string;
  /** Called before each answer of the proof API. */
  onProof: (() => Promise<void>) | undefined;
  /** May change what the proof API is about to answer. */
  onMessages: ((messages: Message[]) => void) | undefined;
  /** Opens the store in place of the relayer. */
  openStore: RelayerDeps['openStore'];
  send(from: Side, sequence: bigint, options?: { timeoutSec?: bigint; valueBytes?: number }): Packet;
  start(config?: Partial<RelayerConfigInput>): Promise<Relayer>;
  /** Makes blocks on both chains until the condition holds. */
  until(condition: () => boolean | Promise<boolean>, what?: string): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_LIMITS: TransactionLimits = { maxTxBytes: 131_072, maxTxGas: 2n ** 24n };
const GAS: Readonly<Record<Kind, bigint>> = { receive: 150_000n, acknowledge: 90_000n, timeout: 90_000n };

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

const pathOf = (kind: 'packet' | 'receipt', clientId: string, sequence: bigint) =>
  ({ kind, clientId, sequence }) as const;

/** Two fake chains with one route between them, and a proof API that reads them. */
export const createFakeWorld = (
  options: {
    readonly finalityOffset?: number;
    readonly limits?: TransactionLimits;
    readonly storePath?: string;
    readonly clock?: Clock;
  } = {},
): FakeWorld => {
  const events: RelayerEvent[] = [];
  const { maxTxGas, maxTxBytes } = options.limits ?? DEFAULT_LIMITS;
  const relayers: Relayer[] = [];

  const createSide = (chainId: string, clientId: string): Side => {
    const chain = createFakeChain({
      name: chainId,
      chainId,
      finalityOffset: options.finalityOffset ?? 1,
      limits: { maxTxGas, maxTxBytes },
    });
    chain.mine(3);
    const sender = chain.createSender(`relayer-${chainId}`);
    const done = new Set<string>();
    const side: Side = {
      receiveByAnother: (packet) => {
        done.add(`in/${toText(encodePacket(packet))}`);
        chain.receivePacket(packet, [ICS20_SUCCESS_ACK]);
      },
      chainId,
      clientId,
      chain,
      handle: {
        chainId,
        reader: chain.reader,
        events: chain.events,
        sender,
        readTransaction: ({ tx }) => ({
          updates: [],
          signers: [],
          messages: (JSON.parse(new TextDecoder().decode(tx)) as readonly Message[]).map(({ kind, packet }) => ({
            leg: kind,
            packet: decodePacket(toBytes(packet)),
          })),
        }),
      },
      poison: new Set(),
      refuse: new Set(),
      revertAll: undefined,
      received: new Map(),
      transactions: [],
      simulations: 0,
      noops: 0,
    };
    const remembered = new WeakMap<UnsignedTransaction, FakeExecution>();
    const run = (transaction: UnsignedTransaction): FakeExecution => {
      side.simulations += 1;
      if (side.revertAll !== undefined) return { revert: side.revertAll };
      const messages = JSON.parse(new TextDecoder().decode(transaction.tx).trimEnd()) as readonly Message[];
      const sequences = messages.map(({ packet }) => decodePacket(toBytes(packet)).sequence);
      if (sequences.some((sequence) => side.poison.has(sequence))) return { revert: 'AppRefused' };
      const gas = messages.reduce((sum, { kind }) => sum + GAS[kind], 200_000n);
      if (gas > maxTxGas) return { effects: { events: [], writes: [] }, gas };
      const effects = { events: [] as object[], writes: [] as (readonly [object, Uint8Array | undefined])[] };
      for (const { kind, packet: text, acks } of messages) {
        const packet = decodePacket(toBytes(text));
        const key = kind === 'receive' ? `in/${text}` : `out/${text}`;
        if (done.has(key)) {
          side.noops += 1;
          continue;
        }
        done.add(key);
        if (kind === 'receive') {
          side.received.set(packet.sequence, (side.received.get(packet.sequence) ?? 0) + 1);
          const ack = side.refuse.has(packet.sequence) ? UNIVERSAL_ERROR_ACK : ICS20_SUCCESS_ACK;
          effects.events.push({ type: 'write-acknowledgement', packet, acknowledgements: [ack] });
          effects.writes.push([
            pathOf('receipt', packet.destClient, packet.sequence),
            encodePacket(packet).slice(0, 32),
          ]);
        } else {
          const acknowledgement = kind === 'acknowledge' ? { acknowledgement: toBytes(acks[0] ?? '') } : {};
          effects.events.push({ type: kind, packet, ...acknowledgement });
          effects.writes.push([pathOf('packet', packet.sourceClient, packet.sequence), undefined]);
        }
      }
      const [first] = messages;
      side.transactions.push({
        kind: first?.kind ?? 'receive',
        messages: messages.length,
        bytes: transaction.tx.length,
      });
      return { effects: effects as never, gas };
    };
    chain.onTransaction((transaction) => {
      const known = remembered.get(transaction);
      if (known !== undefined) return known;
      const execution = run(transaction);
      remembered.set(transaction, execution);
      return execution;
    });
    return side;
  };

  const a = createSide('1', 'client-a');
  const b = createSide('2', 'client-b');
  const sideOf = (chainId: string): Side => (chainId === a.chainId ? a : b);

  const collect = async (
    side: Side,
    txIds: readonly Uint8Array[],
    want: (event: PacketEvent) => boolean,
  ): Promise<PacketEvent[]> => {
    const found: PacketEvent[] = [];
    for (const id of txIds) {
      const list = await side.chain.events.transactionEvents(`0x${toHex(id)}` as Hex);
      found.push(...list.filter(want));
    }
    return found;
  };

  const assertFinal = async (reader: ChainReader, list: readonly PacketEvent[]): Promise<void> => {
    const { height } = await reader.finalizedBlock();
    if (list.some((event) => event.height > height)) throw new RpcError(GrpcCode.FailedPrecondition, 'not final yet');
  };

  const inFilter = (filter: readonly bigint[] | undefined, sequence: bigint): boolean =>
    filter === undefined || filter.length === 0 || filter.includes(sequence);

  const proofApi = {
    relayByTx: async (request: Parameters<ProofApi['relayByTx']>[0]) => {
      world.proofRequests += 1;
      await world.onProof?.();
      if (world.proofError !== undefined) throw world.proofError;
      const source = sideOf(request.srcChain ?? '');
      const dest = sideOf(request.dstChain ?? '');
      const messages: Message[] = [];
      const events = await collect(source, (request.sourceTxIds ?? []) as Uint8Array[], () => true);
      await assertFinal(source.chain.reader, events);
      for (const event of events) {
        const packet = toText(encodePacket(event.packet));
        const { sequence } = event.packet;
        if (event.type === 'send' && inFilter(request.srcPacketSequences as bigint[], sequence)) {
          if (world.unprovable.has(sequence)) throw new RpcError(GrpcCode.FailedPrecondition, 'not final yet');
          messages.push({ kind: 'receive', packet, acks: [] });
        }
        if (event.type === 'write-acknowledgement' && inFilter(request.dstPacketSequences as bigint[], sequence)) {
          messages.push({ kind: 'acknowledge', packet, acks: event.acknowledgements.map(toText) });
        }
      }
      const sends = await collect(dest, (request.timeoutTxIds ?? []) as Uint8Array[], ({ type }) => type === 'send');
      const now = (await source.chain.reader.finalizedBlock()).timestampSec;
      for (const { packet } of sends) {
        if (!inFilter(request.dstPacketSequences as bigint[], packet.sequence)) continue;
        if (packet.timeoutTimestampSec > now) throw new RpcError(GrpcCode.FailedPrecondition, 'not timed out yet');
        messages.push({ kind: 'timeout', packet: toText(encodePacket(packet)), acks: [] });
      }
      world.onMessages?.(messages);
      if (messages.length === 0)
        throw new RpcError(GrpcCode.NotFound, 'nothing to relay', { reason: 'proof-api/nothing-to-relay' });
      return { tx: utf8ToBytes(JSON.stringify(messages)), address: world.router };
    },
    close: () => {},
  };

  const world: FakeWorld = {
    a,
    b,
    events,
    proofError: undefined,
    proofRequests: 0,
    unprovable: new Set(),
    router: `0x${'11'.repeat(20)}`,
    onProof: undefined,
    onMessages: undefined,
    openStore: undefined,
    send: (from, sequence, { timeoutSec = 4_000_000_000n, valueBytes = 100 } = {}) => {
      const packet: Packet = {
        sequence,
        sourceClient: from.clientId,
        destClient: (from === a ? b : a).clientId,
        timeoutTimestampSec: timeoutSec,
        payloads: [
          {
            sourcePort: 'transfer',
            destPort: 'transfer',
            version: 'ics20-1',
            encoding: 'application/x-solidity-abi',
            value: new Uint8Array(valueBytes).fill(Number(sequence % 251n)),
          },
        ],
      };
      from.chain.sendPacket(packet);
      return packet;
    },
    start: async (config = {}) => {
      const relayer = await createRelayer(
        {
          chains: [a.handle, b.handle],
          proofApi: proofApi as unknown as ProofApi,
          clock: options.clock ?? systemClock,
          onEvent: (event) => void events.push(event),
          openStore: world.openStore,
        },
        parseRelayerConfig({
          storePath: options.storePath ?? ':memory:',
          chains: [{ chainId: a.chainId }, { chainId: b.chainId }],
          routes: [
            {
              id: 'route',
              ends: [
                { chainId: a.chainId, clientId: a.clientId },
                { chainId: b.chainId, clientId: b.clientId },
              ],
            },
          ],
          retryInitialMs: 5,
          retryMaxMs: 40,
          orphanGraceSec: 3,
          ...config,
        }),
      );
      relayers.push(relayer);
      await world.until(() => relayer.progress().every(({ synced }) => synced), 'the relayer to read both chains');
      return relayer;
    },
    until: async (condition, what = 'the condition') => {
      for (let turn = 0; turn < 600; turn++) {
        if (await condition()) return;
        // A mined block is what everything waits for; the turn of the event loop lets the relayer react to it.
        await delay(4);
        a.chain.mine();
        b.chain.mine();
      }
      throw new Error(`${what} did not come true; last events: ${events.slice(-5).map((event) => event.type)}`);
    },
    close: async () => {
      for (const relayer of relayers.splice(0)) await relayer.close();
    },
  };
  return world;
};

/** Number of packets in a state. */
export const countOf = async (relayer: Relayer, state: string): Promise<number> =>
  (await relayer.queries.countsByState()).get(state) ?? 0;
