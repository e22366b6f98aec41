import type { PacketEvent } from '@interchain-attestation/chains';
import { classifyIcs20Ack, type Hex } from '@interchain-attestation/core';
import type { NetworkChain } from '../network/layout.ts';

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

/** Packets by what was said about them. The events of a chain may come again: the first word counts. */
export interface PacketBook {
  readonly packets: readonly TrackedPacket[];
  /** The newest state of a packet. */
  current(packet: TrackedPacket): TrackedPacket;
  /** False when the packet's send was not told yet: the event then has to come again. */
  apply(chain: NetworkChain, event: PacketEvent, seenMs: number): boolean;
}

type Mutable = { -readonly [K in keyof TrackedPacket]: TrackedPacket[K] };

const keyOf = (source: NetworkChain, client: string, sequence: bigint): string => `${source}/${client}/${sequence}`;

/** @param trackedBy the chain that a client tracks; undefined for a client that is in no connection, which is ignored */
export const createPacketBook = (
  trackedBy: (on: NetworkChain, clientId: string) => NetworkChain | undefined,
): PacketBook => {
  const packets = new Map<string, Mutable>();
  return {
    get packets() {
      return [...packets.values()].map((packet) => ({ ...packet }));
    },
    current: (packet) => ({ ...(packets.get(keyOf(packet.source, packet.sourceClient, packet.sequence)) ?? packet) }),
    apply(chain, event, seenMs) {
      const { sequence, sourceClient, destClient } = event.packet;
      const step: PacketStep = { txHash: event.txId, block: event.height, seenMs };
      const received = event.type === 'write-acknowledgement';
      const other = trackedBy(chain, received ? destClient : sourceClient);
      if (other === undefined) return true;
      const source = received ? other : chain;
      const key = keyOf(source, sourceClient, sequence);
      const known = packets.get(key);
      if (event.type === 'send') {
        if (known === undefined) packets.set(key, { source, dest: other, sourceClient, sequence, send: step });
        return true;
      }
      if (known === undefined) return false;
      if (received) known.receive ??= step;
      else if (event.type === 'acknowledge') {
        known.acknowledge ??= step;
        known.outcome ??= classifyIcs20Ack(event.acknowledgement).outcome === 'success' ? 'delivered' : 'refused';
      } else {
        known.timeout ??= step;
        known.outcome ??= 'timed-out';
      }
      return true;
    },
  };
};
