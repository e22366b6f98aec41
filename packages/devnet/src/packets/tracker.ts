import { ics26RouterAbi } from '@interchain-attestation/contracts';
import { classifyIcs20Ack, type Hex, hexToBytes } from '@interchain-attestation/core';
import { DevnetError } from '../errors.ts';
import { CHAIN_NAMES, type ChainName, otherChain } from '../network/layout.ts';
import type { Devnet } from '../network/start-devnet.ts';

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
  readonly source: ChainName;
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

const keyOf = (source: ChainName, sequence: bigint): string => `${source}/${sequence}`;

/** Follows all packets of a network by the events of its two routers. */
export const trackPackets = (net: Devnet): PacketTracker => {
  const packets = new Map<string, Mutable>();
  const cursors: Record<ChainName, bigint> = { alpha: 0n, beta: 0n };
  const waiting = new Set<() => void>();
  const giveUp = new Set<() => void>();
  let closed = false;

  /** Applies what one event says; true when it was about a known packet. */
  const apply = (chain: ChainName, log: RouterLog): boolean => {
    const { sequence } = log.args.packet;
    const step: PacketStep = { txHash: log.transactionHash, block: log.blockNumber, seenMs: Date.now() };
    if (log.eventName === 'SendPacket') {
      packets.set(keyOf(chain, sequence), { source: chain, sequence, send: step });
      return true;
    }
    const packet = packets.get(keyOf(log.eventName === 'WriteAcknowledgement' ? otherChain(chain) : chain, sequence));
    if (packet === undefined) return false;
    if (log.eventName === 'WriteAcknowledgement') packet.receive = step;
    else if (log.eventName === 'AckPacket') {
      packet.acknowledge = step;
      const ack = classifyIcs20Ack(hexToBytes(log.args.acknowledgement ?? '0x'));
      packet.outcome = ack.outcome === 'success' ? 'delivered' : 'refused';
    } else {
      packet.timeout = step;
      packet.outcome = 'timed-out';
    }
    return true;
  };
  const read = async (name: ChainName): Promise<boolean> => {
    const chain = net.chains[name];
    const head = await chain.client.getBlockNumber({ cacheTime: 0 });
    if (head < cursors[name]) return false;
    const logs = (await chain.client.getContractEvents({
      address: chain.router,
      abi: ics26RouterAbi,
      fromBlock: cursors[name],
      toBlock: head,
    })) as unknown as readonly RouterLog[];
    cursors[name] = head + 1n;
    const known = ['SendPacket', 'WriteAcknowledgement', 'AckPacket', 'TimeoutPacket'];
    // A receive may be read before its send, when the chains are read in this order: it is then read again.
    const unknown = logs.filter((log) => known.includes(log.eventName) && !apply(name, log));
    if (unknown[0] !== undefined) cursors[name] = unknown[0].blockNumber;
    return logs.length > 0;
  };
  const loop = async (): Promise<void> => {
    while (!closed) {
      let changed = false;
      for (const name of CHAIN_NAMES) {
        // A stopped chain answers nothing; the other one goes on.
        changed = (await read(name).catch(() => false)) || changed;
      }
      if (changed) for (const wake of [...waiting]) wake();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  void loop();

  const current = (packet: TrackedPacket): TrackedPacket => ({
    ...(packets.get(keyOf(packet.source, packet.sequence)) ?? packet),
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
    },
  };
};

interface RouterLog {
  readonly eventName: string;
  readonly args: { readonly packet: { readonly sequence: bigint }; readonly acknowledgement?: Hex };
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
}
