import { setTimeout as delay } from 'node:timers/promises';
import {
  type ChainReader,
  type Clock,
  type PacketEvent,
  systemClock,
  type TransactionLimits,
} from '@interchain-attestation/chains';
import { encodePacket, type Hex, type Packet } from '@interchain-attestation/core';
import { GrpcCode, RpcError } from '@interchain-attestation/service';
import { parseRelayerConfig, type RelayerConfigInput } from '../../src/config.ts';
import type { RelayerEvent } from '../../src/events.ts';
import type { ProofApi } from '../../src/relay/proof-request.ts';
import { createRelayer, type Relayer, type RelayerDeps } from '../../src/relayer.ts';
import { type Message, toText } from './fake-form.ts';
import { createSide, type Side } from './fake-side.ts';

export type { Message } from './fake-form.ts';
export type { Side } from './fake-side.ts';

/** Two clients that follow each other's chain. */
export interface Link {
  readonly id: string;
  readonly ends: readonly [
    { readonly side: Side; readonly clientId: string },
    { readonly side: Side; readonly clientId: string },
  ];
}

export interface SendOptions {
  readonly timeoutSec?: bigint;
  readonly valueBytes?: number;
  readonly payloads?: number;
  /** By default the first one. */
  readonly link?: Link;
}

export interface FakeWorld {
  readonly a: Side;
  readonly b: Side;
  /** A Cosmos chain, when the world was made with one. */
  readonly c: Side;
  readonly links: readonly Link[];
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
  send(from: Side, sequence: bigint, options?: SendOptions): Packet;
  start(config?: Partial<RelayerConfigInput>): Promise<Relayer>;
  /** Makes blocks on all chains until the condition holds. */
  until(condition: () => boolean | Promise<boolean>, what?: string): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_LIMITS: TransactionLimits = { maxTxBytes: 131_072, maxTxGas: 2n ** 24n };

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * Two fake chains with one link between them, and a proof API that reads them. With `third`, a Cosmos chain besides,
 * linked to both, and a second link between the two: the same client ids and sequences occur on several of them.
 */
export const createFakeWorld = (
  options: {
    readonly finalityOffset?: number;
    readonly limits?: TransactionLimits;
    readonly storePath?: string;
    readonly clock?: Clock;
    readonly third?: boolean;
  } = {},
): FakeWorld => {
  const events: RelayerEvent[] = [];
  const { finalityOffset = 1, limits = DEFAULT_LIMITS } = options;
  const relayers: Relayer[] = [];
  const a = createSide({ chainId: '1', clientId: 'client-a', finalityOffset, limits });
  const b = createSide({ chainId: '2', clientId: 'client-b', finalityOffset, limits });
  const c = createSide({ chainId: 'gaia-1', clientId: 'attestations-0', kind: 'cosmos', finalityOffset: 0, limits });
  const sides = options.third === true ? [a, b, c] : [a, b];
  const link = (id: string, one: Side, oneClient: string, two: Side, twoClient: string): Link => ({
    id,
    ends: [
      { side: one, clientId: oneClient },
      { side: two, clientId: twoClient },
    ],
  });
  const links: readonly Link[] = [
    link('route', a, a.clientId, b, b.clientId),
    ...(options.third === true
      ? [
          link('a-b-again', a, 'client-1', b, 'client-1'),
          link('a-c', a, 'client-0', c, 'attestations-0'),
          link('b-c', b, 'client-0', c, 'attestations-1'),
        ]
      : []),
  ];
  const sideOf = (chainId: string): Side => {
    const side = sides.find((candidate) => candidate.chainId === chainId);
    if (side === undefined) throw new RpcError(GrpcCode.InvalidArgument, `no chain ${chainId}`);
    return side;
  };

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
      const { srcClientId = '', dstClientId = '' } = request;
      const forth = ({ packet }: PacketEvent): boolean =>
        packet.sourceClient === srcClientId && packet.destClient === dstClientId;
      const back = ({ packet }: PacketEvent): boolean =>
        packet.sourceClient === dstClientId && packet.destClient === srcClientId;
      const messages: Message[] = [];
      const found = await collect(source, (request.sourceTxIds ?? []) as Uint8Array[], () => true);
      await assertFinal(source.chain.reader, found);
      for (const event of found) {
        const packet = toText(encodePacket(event.packet));
        const { sequence } = event.packet;
        if (event.type === 'send' && forth(event) && inFilter(request.srcPacketSequences as bigint[], sequence)) {
          if (world.unprovable.has(sequence)) throw new RpcError(GrpcCode.FailedPrecondition, 'not final yet');
          messages.push({ kind: 'receive', packet, acks: [] });
        }
        const isWanted = inFilter(request.dstPacketSequences as bigint[], sequence);
        if (event.type === 'write-acknowledgement' && back(event) && isWanted) {
          messages.push({ kind: 'acknowledge', packet, acks: event.acknowledgements.map(toText) });
        }
      }
      const timeoutTxIds = (request.timeoutTxIds ?? []) as Uint8Array[];
      const sends = await collect(dest, timeoutTxIds, (event) => event.type === 'send' && back(event));
      const now = (await source.chain.reader.finalizedBlock()).timestampSec;
      for (const { packet } of sends) {
        if (!inFilter(request.dstPacketSequences as bigint[], packet.sequence)) continue;
        if (packet.timeoutTimestampSec > now) throw new RpcError(GrpcCode.FailedPrecondition, 'not timed out yet');
        messages.push({ kind: 'timeout', packet: toText(encodePacket(packet)), acks: [] });
      }
      world.onMessages?.(messages);
      if (messages.length === 0)
        throw new RpcError(GrpcCode.NotFound, 'nothing to relay', { reason: 'proof-api/nothing-to-relay' });
      const address = dest.handle.reader.kind === 'evm' ? world.router : '';
      return { tx: dest.form.encode(messages, dstClientId), address };
    },
    close: () => {},
  };

  const world: FakeWorld = {
    a,
    b,
    c,
    links,
    events,
    proofError: undefined,
    proofRequests: 0,
    unprovable: new Set(),
    router: `0x${'11'.repeat(20)}`,
    onProof: undefined,
    onMessages: undefined,
    openStore: undefined,
    send: (from, sequence, { timeoutSec = 2_000_000_000n, valueBytes = 100, payloads = 1, link: over } = {}) => {
      const { ends } = over ?? (links[0] as Link);
      const [near, far] = ends[0].side === from ? ends : [ends[1], ends[0]];
      const packet: Packet = {
        sequence,
        sourceClient: near.clientId,
        destClient: far.clientId,
        timeoutTimestampSec: timeoutSec,
        payloads: Array.from({ length: payloads }, () => ({
          sourcePort: 'transfer',
          destPort: 'transfer',
          version: 'ics20-1',
          encoding: 'application/x-solidity-abi',
          value: new Uint8Array(valueBytes).fill(Number(sequence % 251n)),
        })),
      };
      from.chain.sendPacket(packet);
      return packet;
    },
    start: async (config = {}) => {
      const relayer = await createRelayer(
        {
          chains: sides.map(({ handle }) => handle),
          proofApi: proofApi as unknown as ProofApi,
          clock: options.clock ?? systemClock,
          onEvent: (event) => void events.push(event),
          openStore: world.openStore,
        },
        parseRelayerConfig({
          storePath: options.storePath ?? ':memory:',
          chains: sides.map(({ chainId }) => ({ chainId })),
          routes: links.map(({ id, ends: [one, two] }) => ({
            id,
            ends: [
              { chainId: one.side.chainId, clientId: one.clientId },
              { chainId: two.side.chainId, clientId: two.clientId },
            ] as const,
          })),
          retryInitialMs: 5,
          retryMaxMs: 40,
          orphanGraceSec: 3,
          ...config,
        }),
      );
      relayers.push(relayer);
      await world.until(() => relayer.progress().every(({ synced }) => synced), 'the relayer to read all chains');
      return relayer;
    },
    until: async (condition, what = 'the condition') => {
      for (let turn = 0; turn < 600; turn++) {
        if (await condition()) return;
        // A mined block is what everything waits for; the turn of the event loop lets the relayer react to it.
        await delay(4);
        for (const { chain } of sides) chain.mine();
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
