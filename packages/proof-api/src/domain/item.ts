import { type CommitmentPath, encodePacket, type Packet, packetCommitment } from '@interchain-attestation/core';
import type { Question } from './statement.ts';

/** What is to be done with a packet on the destination. */
export type ItemKind = 'receive' | 'acknowledge' | 'timeout';

/** One message of the transaction to come. */
export interface Item {
  readonly kind: ItemKind;
  readonly packet: Packet;
  /** abi.encode(Packet). */
  readonly encoded: Uint8Array;
  /** Commitment computed from the packet, 32 bytes. */
  readonly commitment: Uint8Array;
  /** What the source chain wrote; for `acknowledge` only. */
  readonly acknowledgements: readonly Uint8Array[];
  /** Height of the event on the source chain; undefined for a timeout, whose event is on the destination. */
  readonly height: bigint | undefined;
}

/** Why a packet of the request is not part of the transaction. */
export type LeftOutReason =
  | 'already-received'
  /** Its timeout has passed on the destination: only a timeout can end it. */
  | 'expired'
  /** The source no longer holds (or never held) its commitment: acknowledged or timed out meanwhile. */
  | 'commitment-gone'
  | 'commitment-mismatch'
  | 'acknowledgement-missing'
  | 'acknowledgement-mismatch'
  /** The destination no longer holds its commitment: acknowledged or timed out already. */
  | 'already-completed'
  /** It was received on the source chain: it cannot time out any more. */
  | 'received-in-time'
  /** No final block of the source chain has reached its timeout yet. */
  | 'not-timed-out'
  /** The clients at both ends are not each other's counterparty. */
  | 'wrong-counterparty'
  /** Larger than attestors take, as far as is configured: their limit and `maxPacketBytes` can be raised. */
  | 'too-large'
  /** It has several payloads, and the destination's router takes one: it can only time out. */
  | 'multi-payload';

/** Reasons that no waiting and no other proof will ever change: the packet can only time out. */
const UNDELIVERABLE: ReadonlySet<LeftOutReason> = new Set(['multi-payload']);

export const isUndeliverable = (reason: LeftOutReason): boolean => UNDELIVERABLE.has(reason);

export interface LeftOut {
  readonly item: Item;
  readonly reason: LeftOutReason;
}

/** Makes an item; hashes the packet once. */
export const createItem = (
  kind: ItemKind,
  packet: Packet,
  rest: { readonly height?: bigint; readonly acknowledgements?: readonly Uint8Array[] } = {},
): Item => ({
  kind,
  packet,
  encoded: encodePacket(packet),
  commitment: packetCommitment(packet),
  acknowledgements: rest.acknowledgements ?? [],
  height: rest.height,
});

const QUESTION: Readonly<Record<ItemKind, Exclude<Question, 'state'>>> = {
  receive: 'packet',
  acknowledge: 'acknowledgement',
  timeout: 'receipt',
};

/** What attestors are asked about an item. */
export const questionOf = ({ kind }: Item): Exclude<Question, 'state'> => QUESTION[kind];

/** Where the source chain keeps what proves the item. */
export const sourcePath = ({ kind, packet }: Item): CommitmentPath =>
  kind === 'receive'
    ? { kind: 'packet', clientId: packet.sourceClient, sequence: packet.sequence }
    : {
        kind: kind === 'acknowledge' ? 'acknowledgement' : 'receipt',
        clientId: packet.destClient,
        sequence: packet.sequence,
      };

/** Where the destination says whether the item is done already. */
export const destPath = ({ kind, packet }: Item): CommitmentPath =>
  kind === 'receive'
    ? { kind: 'receipt', clientId: packet.destClient, sequence: packet.sequence }
    : { kind: 'packet', clientId: packet.sourceClient, sequence: packet.sequence };

/** The item's client on the source and on the destination chain. */
export const clientsOf = ({
  kind,
  packet,
}: Pick<Item, 'kind' | 'packet'>): { readonly source: string; readonly dest: string } =>
  kind === 'receive'
    ? { source: packet.sourceClient, dest: packet.destClient }
    : { source: packet.destClient, dest: packet.sourceClient };

/** "receive 7: already-received, timeout 9: not-timed-out" */
export const describeLeftOut = (leftOut: readonly LeftOut[]): string =>
  leftOut.map(({ item, reason }) => `${item.kind} ${item.packet.sequence}: ${reason}`).join(', ');
