import type { ChainReader, TransactionLimits } from '@interchain-attestation/chains';
import type { Packet } from '@interchain-attestation/core';
import { encodedPacket } from './encoded-packet.ts';
import type { Leg } from './packet-state.ts';

type ChainKind = ChainReader['kind'];

/** What a transaction with `packets` packets turned out to cost. */
export interface CostSample {
  readonly packets: readonly Packet[];
  readonly bytes?: number;
  readonly gas?: bigint;
}

/** Largest number of packets that attestors answer for in one request. */
export const MAX_PACKETS_PER_REQUEST = 100;

/** What transactions to one kind of chain cost, as far as it is known in advance. */
interface Profile {
  /** A message around its packet, with its own part of the proof. */
  readonly messageBytes: number;
  /** What each further packet of a batch adds to every message of it: where each carries the whole attested list. */
  readonly sharedBytes: number;
  /** State update, signatures and envelope of one transaction. */
  readonly fixedBytes: number;
  readonly fixedGas: bigint;
  /** First guesses for a packet with an ICS-20 application, replaced by what receipts say. */
  readonly firstGas: Readonly<Record<Leg, bigint>>;
}

const PROFILES: Readonly<Record<ChainKind, Profile>> = {
  evm: {
    messageBytes: 320,
    sharedBytes: 0,
    fixedBytes: 2_100,
    fixedGas: 200_000n,
    firstGas: { receive: 190_000n, acknowledge: 120_000n, timeout: 120_000n },
  },
  cosmos: {
    // The message's own fields, the head of the attested list and the signatures of five attestors.
    messageBytes: 700,
    // Path and commitment. Source: wire format, section 1.
    sharedBytes: 64,
    fixedBytes: 1_200,
    fixedGas: 150_000n,
    firstGas: { receive: 200_000n, acknowledge: 150_000n, timeout: 150_000n },
  },
};

/** A batch is planned to these shares of the limits: bytes are known in advance, gas differs from packet to packet. */
const FILL_BYTES_PERCENT = 99;
const FILL_GAS_PERCENT = 95n;
/**
 * Up to a fifth of the gas that a transaction took is given back, after its limit had to hold it (EIP-3529). On Cosmos
 * the limit holds about as much more than what is taken.
 */
const beforeRefund = (gasUsed: bigint): bigint => (gasUsed * 5n) / 4n;

/**
 * Learns what a packet costs on one leg to one chain, and cuts batches so that a transaction is as large as its chain
 * takes. A wrong guess costs a simulation, never a packet: a batch that proves too large is halved and measured.
 */
export interface CostModel {
  /** Cuts `packets`, in order, into batches of about equal size that are expected to fit. */
  plan(packets: readonly Packet[], limits: TransactionLimits, maxPackets: number): number[];
  learn(sample: CostSample): void;
  /** The batch did not fit although it was expected to. */
  tooLarge(packets: readonly Packet[], limits: TransactionLimits): void;
}

/** Largest n with perPacket * n + perPair * n^2 <= room. */
const solve = (room: number, perPacket: number, perPair: number): number =>
  perPair === 0
    ? Math.floor(room / perPacket)
    : Math.floor((Math.sqrt(perPacket ** 2 + 4 * perPair * Math.max(0, room)) - perPacket) / (2 * perPair));

/** A cost model for one leg to a chain of one kind. */
export const createCostModel = (leg: Leg, kind: ChainKind): CostModel => {
  const profile = PROFILES[kind];
  let bytesFactor = 1;
  let gasPerPacket = profile.firstGas[leg];

  const sumPlain = (packets: readonly Packet[]): number =>
    packets.reduce((sum, packet) => sum + encodedPacket(packet).length + profile.messageBytes, 0);
  const shared = (packets: readonly Packet[]): number => profile.sharedBytes * packets.length ** 2;

  const capacity = (packets: readonly Packet[], limits: TransactionLimits, maxPackets: number): number => {
    const bytesRoom = Math.floor((limits.maxTxBytes * FILL_BYTES_PERCENT) / 100) - profile.fixedBytes;
    const gasRoom = (limits.maxTxGas * FILL_GAS_PERCENT) / 100n - profile.fixedGas;
    const meanBytes = Math.max(1, (sumPlain(packets) / packets.length) * bytesFactor);
    const byBytes = solve(bytesRoom, meanBytes, profile.sharedBytes);
    const byGas = gasRoom <= 0n ? 1 : Number(gasRoom / gasPerPacket);
    return Math.max(1, Math.min(maxPackets, MAX_PACKETS_PER_REQUEST, byBytes, byGas));
  };

  return {
    plan: (packets, limits, maxPackets) => {
      if (packets.length === 0) return [];
      const batches = Math.ceil(packets.length / capacity(packets, limits, maxPackets));
      const base = Math.floor(packets.length / batches);
      const larger = packets.length % batches;
      return Array.from({ length: batches }, (_, i) => base + (i < larger ? 1 : 0));
    },
    learn: ({ packets, bytes, gas }) => {
      // A small batch says little about a further packet: its fixed part outweighs the rest.
      if (packets.length < 10) return;
      if (bytes !== undefined) {
        bytesFactor = Math.max(0.25, (bytes - profile.fixedBytes - shared(packets)) / sumPlain(packets));
      }
      if (gas !== undefined) {
        const measured = (beforeRefund(gas) - profile.fixedGas) / BigInt(packets.length);
        if (measured > 0n) gasPerPacket = measured > gasPerPacket ? measured : (gasPerPacket * 3n + measured) / 4n;
      }
    },
    tooLarge: (packets, limits) => {
      if (packets.length < 2) return;
      const atLeastBytes = (limits.maxTxBytes * 1.02 - shared(packets)) / sumPlain(packets);
      bytesFactor = Math.max(bytesFactor, Math.min(atLeastBytes, bytesFactor * 1.5));
      const atLeast = limits.maxTxGas / BigInt(packets.length);
      const bounded = (gasPerPacket * 3n) / 2n;
      if (atLeast > gasPerPacket) gasPerPacket = atLeast < bounded ? atLeast : bounded;
    },
  };
};
