import type { Hex, Packet } from '@interchain-attestation/core';
import type { PacketState } from './packet-state.ts';

/** Something that a chain did, and in which block. */
export interface ChainFact {
  /** 32 bytes, 0x hex. */
  readonly txId: Hex;
  readonly height: bigint;
  readonly blockHash: Hex;
  /** False while a reorganisation may still take it back. */
  readonly final: boolean;
}

/** A receive, with what the destination answered. */
export interface ReceiveFact extends ChainFact {
  /** One a payload, in the payloads' order. */
  readonly acknowledgements: readonly Uint8Array[];
}

/** Names one packet: sequences count per source client. */
export interface PacketKey {
  readonly sourceChainId: string;
  readonly sourceClientId: string;
  readonly sequence: bigint;
}

/** What this relayer is doing about a packet in its present base state. */
export interface Progress {
  readonly step: 'proven' | 'submitted';
  /** Of the transaction that carries the packet, once it was broadcast. */
  readonly txId?: Hex;
}

/** All that is known of one packet. */
export interface PacketRecord extends PacketKey {
  readonly routeId: string;
  readonly destChainId: string;
  readonly packet: Packet;
  readonly send?: ChainFact;
  readonly receive?: ReceiveFact;
  /**
   * Height of a final block of the destination that holds the receipt and no acknowledgement: the application writes it
   * in a later transaction, whose event becomes {@link PacketRecord.receive}.
   */
  readonly acceptedHeight?: bigint;
  readonly acknowledge?: ChainFact;
  readonly timeout?: ChainFact;
  /** True once the timeout passed in a final block of the destination that holds no receipt. */
  readonly expired: boolean;
  readonly progress?: Progress;
  /** Why the relayer gave up (a dead letter). */
  readonly failure?: string;
  /** Why the last attempt at the present leg did not succeed. */
  readonly waiting?: string;
  /** Failed attempts at the present leg that this packet was to blame for. */
  readonly attempts: number;
  /** Unix milliseconds before which the present leg is not tried. */
  readonly nextAttemptMs: number;
  /** Unix milliseconds at which each state was entered first. */
  readonly timesMs: Readonly<Partial<Record<PacketState, number>>>;
}

/** One line for logs: chain, client and sequence. */
export const formatPacketKey = ({ sourceChainId, sourceClientId, sequence }: PacketKey): string =>
  `${sourceChainId}/${sourceClientId}/${sequence}`;
