import type { ChainReader, EventSource } from '@interchain-attestation/chains';
import { createEvmChain, type EvmChain } from '@interchain-attestation/chains/evm';
import type { Hex } from '@interchain-attestation/core';
import { DevnetError } from '../errors.ts';
import type { Devnet } from '../network/devnet.ts';
import { CHAIN_NAMES, type ChainName, type NetworkChain } from '../network/layout.ts';
import { createPacketBook, type TrackedPacket } from './packet-book.ts';

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

/** A chain as the tracker reads it. */
interface Followed {
  readonly name: NetworkChain;
  readonly reader: ChainReader;
  readonly events: EventSource;
  /** The first block that was not read yet. */
  cursor: bigint;
  /** Why its last reading failed; undefined when it did not. */
  trouble?: string | undefined;
}

const openEvm = (net: Devnet, name: ChainName): EvmChain => {
  const { chainId, router, node } = net.chains[name];
  const { rpcUrl } = node;
  const finality = { tag: 'latest' } as const;
  return createEvmChain({ name, chainId: String(chainId), rpcUrl, router, finality, retries: 0 });
};

/** Follows all packets of a network by the events of its chains. */
export const trackPackets = (net: Devnet): PacketTracker => {
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

  const book = createPacketBook(
    (on, clientId) => net.clients.find((client) => client.on === on && client.clientId === clientId)?.of,
  );
  const read = async (chain: Followed): Promise<boolean> => {
    const { height } = await chain.reader.latestBlock();
    if (height < chain.cursor) return false;
    let changed = false;
    for await (const { through, events } of chain.events.events(chain.cursor, height)) {
      // A receive may be read before its send, when the chains are read in this order: it is then read again.
      const unknown = events.filter((event) => !book.apply(chain.name, event, Date.now()));
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
        try {
          changed = (await read(chain)) || changed;
          chain.trouble = undefined;
        } catch (error) {
          // A stopped chain answers nothing; the others go on.
          chain.trouble = (error as Error).message;
        }
      }
      if (changed) for (const wake of [...waiting]) wake();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  void loop();

  /** How far each chain was read: what did not come may not have been read. */
  const progress = (): string =>
    followed
      .map(({ name, cursor, trouble }) => `${name} read below ${cursor}${trouble === undefined ? '' : `, ${trouble}`}`)
      .join('; ');

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
        reject(new DevnetError('devnet/timeout', `${what()} after ${timeoutMs} ms (${progress()})`));
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

  const { current } = book;
  /** Packets of these transactions, and the transactions that have none. */
  const sentIn = (hashes: readonly Hex[]): { found: readonly TrackedPacket[]; missing: readonly Hex[] } => {
    const missing = new Set(hashes);
    const wanted = new Set(hashes);
    const found = book.packets.filter(({ send }) => wanted.has(send.txHash));
    for (const { send } of found) missing.delete(send.txHash);
    return { found, missing: [...missing] };
  };
  return {
    get packets() {
      return book.packets;
    },
    current,
    sentBy: (hashes, timeoutMs = DEFAULT_TIMEOUT_MS) =>
      waitUntil(
        () => {
          const { found, missing } = sentIn(hashes);
          return missing.length === 0 ? found : undefined;
        },
        () => {
          const { missing } = sentIn(hashes);
          return `no packet of ${missing.length} of ${hashes.length} transactions, ${missing[0]} first,`;
        },
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
