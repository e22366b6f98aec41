import type { TransactionLimits, UnsignedTransaction } from '@interchain-attestation/chains';
import { createFakeChain, type FakeChain, type FakeExecution } from '@interchain-attestation/chains/testing';
import {
  ackCommitment,
  encodePacket,
  ICS20_SUCCESS_ACK,
  type Packet,
  UNIVERSAL_ERROR_ACK,
} from '@interchain-attestation/core';
import type { ChainHandle } from '../../src/watch/chain-handle.ts';
import { type Form, jsonForm, type Kind, packetOf, toBytes, txBodyForm } from './fake-form.ts';

/** One side of the fake world: a chain, its first client and how its router behaves. */
export interface Side {
  readonly chainId: string;
  readonly clientId: string;
  readonly form: Form;
  readonly chain: FakeChain;
  readonly handle: ChainHandle;
  /** Packets that the application reverts on, by sequence. */
  readonly poison: Set<bigint>;
  /** Packets whose receive ends in an error acknowledgement. */
  readonly refuse: Set<bigint>;
  /** Packets that the application acknowledges later, when {@link Side.acknowledgeLater} says so. */
  readonly later: Set<bigint>;
  /** Every transaction whatsoever reverts with this. */
  revertAll: string | undefined;
  /** Somebody else receives a packet here, with the next block. */
  receiveByAnother(packet: Packet): void;
  /** The application writes the acknowledgement of a packet that was received, with the next block. */
  acknowledgeLater(packet: Packet): void;
  /** How often each packet was really received here: by its sequence, and by client and sequence. */
  readonly received: Map<bigint, number>;
  readonly receivedBy: Map<string, number>;
  /** Number of messages of each transaction that was accepted. */
  readonly transactions: { readonly kind: Kind; readonly messages: number; readonly bytes: number }[];
  simulations: number;
  /** Messages of accepted transactions that did nothing: gas thrown away. */
  noops: number;
}

export interface SideOptions {
  readonly chainId: string;
  readonly clientId: string;
  readonly kind?: 'evm' | 'cosmos';
  readonly finalityOffset: number;
  readonly limits: TransactionLimits;
}

const GAS: Readonly<Record<Kind, bigint>> = { receive: 150_000n, acknowledge: 90_000n, timeout: 90_000n };

const pathOf = (kind: 'packet' | 'receipt' | 'acknowledgement', clientId: string, sequence: bigint) =>
  ({ kind, clientId, sequence }) as const;

const count = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

/** Creates a side. */
export const createSide = ({ chainId, clientId, kind = 'evm', finalityOffset, limits }: SideOptions): Side => {
  const form = kind === 'evm' ? jsonForm : txBodyForm;
  const chain = createFakeChain({ name: chainId, chainId, finalityOffset, limits });
  chain.mine(3);
  const sender = chain.createSender(`relayer-${chainId}`);
  const done = new Set<string>();
  const doneKey = (way: Kind, packet: Packet): string =>
    `${way === 'receive' ? 'in' : 'out'}/${Buffer.from(encodePacket(packet)).toString('base64')}`;
  const side: Side = {
    receiveByAnother: (packet) => {
      done.add(doneKey('receive', packet));
      chain.receivePacket(packet, [ICS20_SUCCESS_ACK]);
    },
    acknowledgeLater: (packet) => void chain.receivePacket(packet, [ICS20_SUCCESS_ACK]),
    chainId,
    clientId,
    form,
    chain,
    handle: {
      chainId,
      reader: { ...chain.reader, kind },
      events: chain.events,
      sender,
      // What a Cosmos chain takes is read as it is; fake calldata in its own way.
      ...(kind === 'cosmos'
        ? {}
        : {
            readTransaction: ({ tx }: UnsignedTransaction) => ({
              updates: [],
              signers: [],
              messages: form.decode(tx).map((message) => ({ leg: message.kind, packet: packetOf(message) })),
            }),
          }),
    },
    poison: new Set(),
    refuse: new Set(),
    later: new Set(),
    revertAll: undefined,
    received: new Map(),
    receivedBy: new Map(),
    transactions: [],
    simulations: 0,
    noops: 0,
  };

  const run = (transaction: UnsignedTransaction): FakeExecution => {
    side.simulations += 1;
    if (side.revertAll !== undefined) return { revert: side.revertAll };
    const messages = form.decode(transaction.tx);
    const packets = messages.map(packetOf);
    if (packets.some(({ sequence }) => side.poison.has(sequence))) return { revert: 'AppRefused' };
    const received = messages.flatMap((message, i) => (message.kind === 'receive' ? (packets[i] ?? []) : []));
    if (kind === 'evm' && received.some(({ payloads }) => payloads.length !== 1)) {
      return { revert: 'IBCMultiPayloadPacketNotSupported' };
    }
    const gas = messages.reduce((sum, message) => sum + GAS[message.kind], 200_000n);
    if (gas > limits.maxTxGas) return { effects: { events: [], writes: [] }, gas };
    const effects = { events: [] as object[], writes: [] as (readonly [object, Uint8Array | undefined])[] };
    for (const message of messages) {
      const packet = packetOf(message);
      const { sequence, sourceClient, destClient } = packet;
      const key = doneKey(message.kind, packet);
      if (done.has(key)) {
        side.noops += 1;
        continue;
      }
      done.add(key);
      if (message.kind === 'receive') {
        count(side.received, sequence);
        count(side.receivedBy, `${destClient}/${sequence}`);
        effects.writes.push([pathOf('receipt', destClient, sequence), encodePacket(packet).slice(0, 32)]);
        if (side.later.has(sequence)) continue;
        const acknowledgements = [side.refuse.has(sequence) ? UNIVERSAL_ERROR_ACK : ICS20_SUCCESS_ACK];
        effects.events.push({ type: 'write-acknowledgement', packet, acknowledgements });
        effects.writes.push([pathOf('acknowledgement', destClient, sequence), ackCommitment(acknowledgements)]);
      } else {
        const acknowledgement =
          message.kind === 'acknowledge' ? { acknowledgement: toBytes(message.acks[0] ?? '') } : {};
        effects.events.push({ type: message.kind, packet, ...acknowledgement });
        effects.writes.push([pathOf('packet', sourceClient, sequence), undefined]);
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

  const remembered = new WeakMap<UnsignedTransaction, FakeExecution>();
  chain.onTransaction((transaction) => {
    const known = remembered.get(transaction);
    if (known !== undefined) return known;
    const execution = run(transaction);
    remembered.set(transaction, execution);
    return execution;
  });
  return side;
};
