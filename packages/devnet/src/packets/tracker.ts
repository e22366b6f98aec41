import type { ChainReader, EventSource, PacketEvent } from '@interchain-attestation/chains';
import { createEvmChain, type EvmChain } from '@interchain-attestation/chains/evm';
import { classifyIcs20Ack, type Hex } from '@interchain-attestation/core';
import { DevnetError } from '../errors.ts';
import type { Devnet } from '../network/devnet.ts';
import { CHAIN_NAMES, type ChainName, type NetworkChain } from '../network/layout.ts';

/** How a packet ended. `refused`: an error acknowledgement came back, and the sender was refunded. */
export type PacketOutcome = 'delivered' | 'refused' | 'timed-out';

/** One step of a packet, as the chains tell it. */
export interface PacketStep {
  readonly txHash: Hex;
  readonly block: bigint;
  /** When it was seen here: Unix milliseconds. */
  readonly seenMs: number;
}

/** What the chains say about a packet. Nobody else is asked. */
export interface TrackedPacket {
  readonly source: NetworkChain;
  readonly dest: NetworkChain;
  /** Sequences are counted by the client that sends. */
  readonly sourceClient: string;
  readonly sequence: bigint;
  readonly send: PacketStep;
  readonly receive?: PacketStep;
  readonly acknowledge?: PacketStep;
  readonly timeout?: PacketStep;
  readonly outcome?: PacketOutcome;
}

export interface PacketTracker {
  readonly packets: readonly TrackedPacket[];
  /** Packets that these transactions sent, once all of them are mined. @throws DevnetError `devnet/timeout` */
  sentBy(hashes: readonly Hex[], timeoutMs?: number): Promise<readonly TrackedPacket[]>;
  /** Waits until `done` holds for each of the packets. @throws DevnetError `devnet/timeout` */
  until(
    packets: readonly TrackedPacket[],
    done: (packet: TrackedPacket) => boolean,
    options?: { readonly timeoutMs?: number; readonly onChange?: (packets: readonly TrackedPacket[]) => void },
  ): Promise<readonly TrackedPacket[]>;
  /** The newest state of a packet. */
  current(packet: TrackedPacket): TrackedPacket;
  /** Stops reading the chains; whoever still waits gets `devnet/closed`. */
  close(): void;
}

const POLL_MS = 100;
const DEFAULT_TIMEOUT_MS = 60_000;

type Mutable = { -readonly [K in keyof TrackedPacket]: TrackedPacket[K] };

const keyOf = (source: NetworkChain, client: string, sequence: bigint): string => `${source}/${client}/${sequence}`;

/** A chain as the tracker reads it. */
interface Followed {
  readonly name: NetworkChain;
  readonly reader: ChainReader;
  readonly events: EventSource;
  /** The first block that was not read yet. */
  cursor: bigint;
}

const openEvm = (net: Devnet, name: ChainName): EvmChain => {
  const { chainId, router, node } = net.chains[name];
  const { rpcUrl } = node;
  const finality = { tag: 'latest' } as const;
  return createEvmChain({ name, chainId: String(chainId), rpcUrl, router, finality, retries: 0 });
};

/** Follows all packets of a network by the events of its chains. */
export const trackPackets = (net: Devnet): PacketTracker => {
  const packets = new Map<string, Mutable>();
  const evm = CHAIN_NAMES.map((name) => openEvm(net, name));
  const followed: readonly Followed[] = [
    ...CHAIN_NAMES.flatMap((name, i) => {
      const chain = evm[i];
      return chain === undefined ? [] : [{ name, reader: chain.reader, events: chain.events, cursor: 0n }];
    }),
    ...Object.values(net.cosmos).map(({ name, chain: { reader, events } }) => ({ name, reader, events, cursor: 1n })),
  ];
  const waiting = new Set<() => void>();
  const giveUp = new Set<() => void>();
  let closed = false;

  /** The chain that a client tracks. */
  const trackedBy = (on: NetworkChain, clientId: string): NetworkChain | undefined =>
    net.clients.find((client) => client.on === on && client.clientId === clientId)?.of;

  /** Applies what one event says; true when it was about a known packet, or about none of this network. */
  const apply = (chain: NetworkChain, event: PacketEvent): boolean => {
    const { packet, txId: txHash, height: block } = event;
    const { sequence, sourceClient, destClient } = packet;
    const step: PacketStep = { txHash, block, seenMs: Date.now() };
    if (event.type === 'send') {
      const dest = trackedBy(chain, sourceClient);
      if (dest === undefined) return true;
      packets.set(keyOf(chain, sourceClient, sequence), { source: chain, dest, sourceClient, sequence, send: step });
      return true;
    }
    const source = event.type === 'write-acknowledgement' ? trackedBy(chain, destClient) : chain;
    if (source === undefined) return true;
    const known = packets.get(keyOf(source, sourceClient, sequence));
    if (known === undefined) return false;
    if (event.type === 'write-acknowledgement') known.receive = step;
    else if (event.type === 'acknowledge') {
      known.acknowledge = step;
      known.outcome = classifyIcs20Ack(event.acknowledgement).outcome === 'success' ? 'delivered' : 'refused';
    } else {
      known.timeout = step;
      known.outcome = 'timed-out';
    }
    return true;
  };
  const read = async (chain: Followed): Promise<boolean> => {
    const { height } = await chain.reader.latestBlock();
    if (height < chain.cursor) return false;
    let changed = false;
    for await (const { through, events } of chain.events.events(chain.cursor, height)) {
      // A receive may be read before its send, when the chains are read in this order: it is then read again.
      const unknown = events.filter((event) => !apply(chain.name, event));
      changed ||= events.length > 0;
      chain.cursor = unknown[0]?.height ?? through + 1n;
      if (unknown[0] !== undefined) break;
    }
    return changed;
  };
  const loop = async (): Promise<void> => {
    while (!closed) {
      let changed = false;
      for (const chain of followed) {
        // A stopped chain answers nothing; the others go on.
        changed = (await read(chain).catch(() => false)) || changed;
      }
      if (changed) for (const wake of [...waiting]) wake();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  void loop();

  const current = (packet: TrackedPacket): TrackedPacket => ({
    ...(packets.get(keyOf(packet.source, packet.sourceClient, packet.sequence)) ?? packet),
  });
  const waitUntil = <T>(read: () => T | undefined, what: () => string, timeoutMs: number): Promise<T> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const value = read();
        if (value === undefined) return;
        end();
        resolve(value);
      };
      const timer = setTimeout(() => {
        end();
        reject(new DevnetError('devnet/timeout', `${what()} after ${timeoutMs} ms`));
      }, timeoutMs);
      const abandon = (): void => {
        end();
        reject(new DevnetError('devnet/closed', 'the packets are no longer followed'));
      };
      const end = (): void => {
        clearTimeout(timer);
        waiting.delete(check);
        giveUp.delete(abandon);
      };
      waiting.add(check);
      giveUp.add(abandon);
      check();
    });

  return {
    get packets() {
      return [...packets.values()].map((packet) => ({ ...packet }));
    },
    current,
    sentBy: (hashes, timeoutMs = DEFAULT_TIMEOUT_MS) =>
      waitUntil(
        () => {
          const wanted = new Set(hashes);
          const found = [...packets.values()].filter(({ send }) => wanted.has(send.txHash));
          return new Set(found.map(({ send }) => send.txHash)).size === wanted.size
            ? found.map((packet) => ({ ...packet }))
            : undefined;
        },
        () => `not all of ${hashes.length} packets were sent`,
        timeoutMs,
      ),
    until: (wanted, done, { timeoutMs = DEFAULT_TIMEOUT_MS, onChange } = {}) =>
      waitUntil(
        () => {
          const now = wanted.map(current);
          onChange?.(now);
          return now.every(done) ? now : undefined;
        },
        () => {
          const open = wanted.map(current).filter((packet) => !done(packet));
          const first = open[0];
          return `${open.length} of ${wanted.length} packets are still on their way (${first?.source} #${first?.sequence})`;
        },
        timeoutMs,
      ),
    close: () => {
      closed = true;
      for (const abandon of [...giveUp]) abandon();
      for (const chain of evm) void chain.close();
    },
  };
};
