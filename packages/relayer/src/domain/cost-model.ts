import type { TransactionLimits } from '@interchain-attestation/chains';
import type { Packet } from '@interchain-attestation/core';
import { encodedPacket } from './encoded-packet.ts';
import type { Leg } from './packet-state.ts';

/** What one packet is expected to add to a transaction. */
export interface PacketCost {
  readonly bytes: number;
  readonly gas: bigint;
}

/** What a transaction with `packets` packets turned out to cost. */
export interface CostSample {
  readonly packets: readonly Packet[];
  readonly bytes?: number;
  readonly gas?: bigint;
}

/** Largest number of packets that attestors answer for in one request. */
export const MAX_PACKETS_PER_REQUEST = 100;

/** Message head, offsets in the batch and its padding, and the packet's entry in the attested list. */
const MESSAGE_BYTES = 320;
/** State update, signatures and envelope of one transaction. */
const FIXED_BYTES = 2_100;
const FIXED_GAS = 200_000n;
/** First guesses for an EVM router with an ICS-20 application, replaced by what receipts say. */
const FIRST_GAS: Readonly<Record<Leg, bigint>> = { receive: 190_000n, acknowledge: 120_000n, timeout: 120_000n };
/** A batch is planned to these shares of the limits: bytes are known in advance, gas differs from packet to packet. */
const FILL_BYTES_PERCENT = 99;
const FILL_GAS_PERCENT = 95n;
/** Up to a fifth of the gas that a transaction took is given back, after its limit had to hold it. Source: EIP-3529. */
const beforeRefund = (gasUsed: bigint): bigint => (gasUsed * 5n) / 4n;

const plainBytes = (packet: Packet): number => encodedPacket(packet).length + MESSAGE_BYTES;
const sumPlain = (packets: readonly Packet[]): number => packets.reduce((sum, packet) => sum + plainBytes(packet), 0);

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

/** A cost model for one leg. */
export const createCostModel = (leg: Leg): CostModel => {
  let bytesFactor = 1;
  let gasPerPacket = FIRST_GAS[leg];

  const capacity = (packets: readonly Packet[], limits: TransactionLimits, maxPackets: number): number => {
    const bytesRoom = Math.floor((limits.maxTxBytes * FILL_BYTES_PERCENT) / 100) - FIXED_BYTES;
    const gasRoom = (limits.maxTxGas * FILL_GAS_PERCENT) / 100n - FIXED_GAS;
    const meanBytes = Math.max(1, (sumPlain(packets) / packets.length) * bytesFactor);
    const byBytes = Math.floor(bytesRoom / meanBytes);
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
      if (bytes !== undefined) bytesFactor = Math.max(0.25, (bytes - FIXED_BYTES) / sumPlain(packets));
      if (gas !== undefined) {
        const measured = (beforeRefund(gas) - FIXED_GAS) / BigInt(packets.length);
        if (measured > 0n) gasPerPacket = measured > gasPerPacket ? measured : (gasPerPacket * 3n + measured) / 4n;
      }
    },
    tooLarge: (packets, limits) => {
      if (packets.length < 2) return;
      bytesFactor = Math.max(bytesFactor, Math.min((limits.maxTxBytes * 1.02) / sumPlain(packets), bytesFactor * 1.5));
      const atLeast = limits.maxTxGas / BigInt(packets.length);
      const bounded = (gasPerPacket * 3n) / 2n;
      if (atLeast > gasPerPacket) gasPerPacket = atLeast < bounded ? atLeast : bounded;
    },
  };
};
