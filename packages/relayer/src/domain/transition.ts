import { equalBytes, type Hex } from '@interchain-attestation/core';
import { encodedPacket } from './encoded-packet.ts';
import type { ChainFact, PacketRecord, ReceiveFact } from './packet-record.ts';
import { baseState, LEG_START, type Leg, legOf, packetState } from './packet-state.ts';

/** What a packet's life cycle reacts to. */
export type PacketInput =
  | { readonly type: 'fact'; readonly kind: 'send' | 'acknowledge' | 'timeout'; readonly fact: ChainFact }
  | { readonly type: 'fact'; readonly kind: 'receive'; readonly fact: ReceiveFact }
  /** The block that held the fact is no longer part of the chain. */
  | { readonly type: 'dropped'; readonly kind: FactKind }
  /** The timeout passed on the destination in a final block without a receipt. */
  | { readonly type: 'expired' }
  /** A final block of the destination holds a receipt and no acknowledgement. */
  | { readonly type: 'accepted'; readonly height: bigint }
  /** That block is read again, and may be another one: what was concluded from it is forgotten. */
  | { readonly type: 'unaccepted' }
  | { readonly type: 'proven'; readonly leg: Leg }
  | { readonly type: 'submitted'; readonly leg: Leg; readonly txId: Hex }
  /** Another attempt follows at once or at `nextAttemptMs`; nobody is to blame. */
  | { readonly type: 'postponed'; readonly leg: Leg; readonly reason: string; readonly nextAttemptMs: number }
  /** An attempt failed, because of this packet or so it seems. */
  | {
      readonly type: 'attempt-failed';
      readonly leg: Leg;
      readonly reason: string;
      readonly nextAttemptMs: number;
      /** False when it is not certain that it was this packet: it travels apart from now on, and is never given up so. */
      readonly isCounted: boolean;
    }
  /** The relayer gives up until an operator says otherwise. */
  | { readonly type: 'gave-up'; readonly leg: Leg; readonly reason: string }
  /** A receive without a known send was judged, and there is nothing to be done about it. */
  | { readonly type: 'shelved'; readonly reason: string }
  | { readonly type: 'retry' }
  | { readonly type: 'none' };

export type FactKind = 'send' | 'receive' | 'acknowledge' | 'timeout';

const sameFact = (a: ChainFact | undefined, b: ChainFact): boolean =>
  a !== undefined && a.txId === b.txId && a.blockHash === b.blockHash && (a.final || !b.final);

/** Drops what was done about the former base state: it means nothing in the new one. */
const settle = (before: PacketRecord, after: PacketRecord): PacketRecord => {
  if (baseState(before) === baseState(after)) return after;
  const { progress: _progress, failure: _failure, waiting: _waiting, ...facts } = after;
  return { ...facts, attempts: 0, nextAttemptMs: 0 };
};

const withoutFact = (record: PacketRecord, kind: FactKind): PacketRecord => {
  const { [kind]: _dropped, ...rest } = record;
  // Expiry is concluded from the absence of a receipt: without the send it says nothing.
  return kind === 'send' ? { ...rest, expired: false } : rest;
};

const withFact = (record: PacketRecord, input: PacketInput & { type: 'fact' }): PacketRecord => {
  const known = record[input.kind];
  if (sameFact(known, input.fact)) return record;
  // A fact that is final is replaced only by another final one: a late look at a stale head changes nothing.
  if (known?.final === true && !input.fact.final) return record;
  return { ...record, [input.kind]: input.fact };
};

const onLeg = (record: PacketRecord, leg: Leg, change: (record: PacketRecord) => PacketRecord): PacketRecord =>
  legOf(baseState(record)) === leg && record.failure === undefined ? change(record) : record;

const withoutProgress = ({ progress: _progress, ...rest }: PacketRecord): PacketRecord => rest;

const react = (record: PacketRecord, input: PacketInput): PacketRecord => {
  switch (input.type) {
    case 'fact':
      return withFact(record, input);
    case 'dropped':
      return record[input.kind] === undefined ? record : withoutFact(record, input.kind);
    case 'expired':
      return baseState(record) === LEG_START.receive ? { ...record, expired: true } : record;
    case 'accepted':
      return baseState(record) === LEG_START.receive ? { ...record, acceptedHeight: input.height } : record;
    case 'unaccepted': {
      const { acceptedHeight, ...rest } = record;
      return acceptedHeight === undefined ? record : rest;
    }
    case 'proven':
      return onLeg(record, input.leg, (at) => ({ ...at, progress: { step: 'proven' } }));
    case 'submitted':
      return onLeg(record, input.leg, (at) => ({ ...at, progress: { step: 'submitted', txId: input.txId } }));
    case 'postponed':
      return onLeg(record, input.leg, (at) =>
        at.progress === undefined && at.waiting === input.reason && at.nextAttemptMs === input.nextAttemptMs
          ? at
          : { ...withoutProgress(at), waiting: input.reason, nextAttemptMs: input.nextAttemptMs },
      );
    case 'attempt-failed':
      return onLeg(record, input.leg, (at) => ({
        ...withoutProgress(at),
        waiting: input.reason,
        attempts: input.isCounted ? at.attempts + 1 : Math.max(1, at.attempts),
        nextAttemptMs: input.nextAttemptMs,
      }));
    case 'gave-up':
      return onLeg(record, input.leg, (at) => ({
        ...withoutProgress(at),
        attempts: at.attempts + 1,
        failure: input.reason,
      }));
    case 'shelved':
      return baseState(record) === 'orphan'
        ? { ...record, waiting: input.reason, nextAttemptMs: Number.MAX_SAFE_INTEGER }
        : record;
    case 'none':
      return record;
    case 'retry': {
      if (record.failure === undefined) return record;
      const { failure: _failure, waiting: _waiting, ...rest } = record;
      return { ...rest, attempts: 0, nextAttemptMs: 0 };
    }
  }
};

/**
 * The packet's life cycle: the record after `input`, the same object when nothing changed. Facts of the chains always
 * win over what the relayer believed: whoever brought the packet, its facts end the work on that leg.
 */
export const transition = (record: PacketRecord, input: PacketInput, nowMs: number): PacketRecord => {
  const after = settle(record, react(record, input));
  if (after === record) return record;
  const state = packetState(after);
  if (after.timesMs[state] !== undefined) return after;
  return { ...after, timesMs: { ...after.timesMs, [state]: nowMs } };
};

/** How two looks at the same packet contradict each other. */
export type Contradiction =
  | 'other-packet'
  | 'acknowledged-and-timed-out'
  | 'received-and-timed-out'
  | 'received-without-send';

/**
 * What no honest pair of chains can show, judged by final facts alone. A route on which it happens must stand still:
 * one of the chains, or a node that tells of it, lies (KelpDAO, 2026).
 */
export const findContradiction = (record: PacketRecord, seen: PacketRecord['packet']): Contradiction | undefined => {
  if (!isSamePacket(record.packet, seen)) return 'other-packet';
  if (record.timeout?.final === true) {
    if (record.acknowledge?.final === true) return 'acknowledged-and-timed-out';
    if (record.receive?.final === true) return 'received-and-timed-out';
  }
  return undefined;
};

/** True when both are the same packet in every field. */
export const isSamePacket = (a: PacketRecord['packet'], b: PacketRecord['packet']): boolean =>
  a === b || equalBytes(encodedPacket(a), encodedPacket(b));
