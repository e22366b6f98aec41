import type { BlockHeader } from '@interchain-attestation/chains';
import { type AttestorSet, encodeAttestationProof } from '@interchain-attestation/core';
import { AskedAhead } from '../attestors/asked-ahead.ts';
import { printable } from '../attestors/failure.ts';
import {
  clientsOf,
  describeLeftOut,
  type Item,
  type ItemKind,
  isUndeliverable,
  type LeftOut,
  type LeftOutReason,
} from '../domain/item.ts';
import { stateStatement } from '../domain/statement.ts';
import { ProofApiError } from '../errors.ts';
import type { EmitEvent } from '../events.ts';
import type { EvidenceRecorder } from '../evidence/recorder.ts';
import { askAhead } from './ask-ahead.ts';
import type { Dest, DestReading } from './dest.ts';
import { gather, type RelayQuery } from './gather.ts';
import { eventHeight, finalBlockFor, newestHeights, planHeights } from './heights.ts';
import { type ProveRequest, Prover } from './prove.ts';
import { askQuorum, type QuorumDeps, quorumError } from './quorum.ts';
import type { Source } from './source.ts';
import { Stops } from './stops.ts';

/** A transaction, and what it does. */
export interface RelayResult {
  readonly tx: Uint8Array;
  readonly address: string;
  /** Height of the source chain that everything in it is proven at. */
  readonly height: bigint;
  /** Whether it brings the client to that height first. */
  readonly updatesClient: boolean;
  readonly clientId: string;
  readonly messages: readonly { readonly kind: ItemKind; readonly sequence: bigint }[];
  /** Packets of the request that are not part of it, each with the reason. */
  readonly leftOut: readonly LeftOut[];
}

export interface RouteDeps {
  readonly source: Source;
  readonly dest: Dest;
  readonly recorder: EvidenceRecorder;
  readonly emit: EmitEvent;
}

export interface RouteOptions {
  /** Clients served; all when undefined. */
  readonly clients: readonly string[] | undefined;
  readonly finalityWaitMs: number;
  readonly recentBlocks: bigint;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What one attempt at a request has under way. */
type Work = Pick<ProveRequest, 'view' | 'ahead' | 'signal'>;

/** How often a request starts over because what it had read changed under it. */
const MAX_READS = 3;

/** One direction: proofs of `source` for `dest`. */
export class Route {
  readonly source: Source;
  readonly dest: Dest;
  readonly stops: Stops;
  readonly #names: { readonly source: string; readonly dest: string };
  readonly #emit: EmitEvent;
  readonly #options: RouteOptions;
  readonly #quorumDeps: QuorumDeps;
  readonly #prover: Prover;

  constructor({ source, dest, recorder, emit }: RouteDeps, options: RouteOptions) {
    this.source = source;
    this.dest = dest;
    this.#names = { source: source.name, dest: dest.name };
    this.#emit = emit;
    this.#options = options;
    this.stops = new Stops(this.#names, emit);
    this.#quorumDeps = {
      source,
      recorder,
      emit,
      onTwoQuorums: ({ clientId }, { statement }) => {
        const detail = `two contradicting statements about height ${statement.height} of ${source.name} have a quorum each`;
        // Without a client there is nothing to stop yet: its set is part of the request.
        if (clientId !== '') this.stops.stop(clientId, { reason: 'two-quorums', detail });
      },
    };
    this.#prover = new Prover({
      ...this.#quorumDeps,
      route: this.#names,
      stops: this.stops,
      destKind: dest.kind,
      readTimestamp: (clientId, height, signal) => this.#readTimestamp(clientId, height, signal),
      clientSince: (client, sinceMs) => dest.cache.since(client, sinceMs),
      now: options.now,
    });
  }

  /** Proves the packets of some transactions. @throws ProofApiError, ChainError */
  async relay(query: RelayQuery, signal: AbortSignal): Promise<RelayResult> {
    const items = await gather(query, { source: this.source.events, dest: this.dest.events }, signal);
    const pair = onlyPair(items);
    await this.#assertServed(pair.dest);
    return this.#repeat(pair.dest, async () => {
      const need = eventHeight(items);
      const ahead = askAhead(this, pair.dest, items, need, this.#options.recentBlocks);
      const view = this.source.view(signal);
      try {
        if (need > 0n) view.readAhead(need, items, this.#readTimestamp(pair.dest, need, signal));
        const [reading, finalized] = await Promise.all([
          this.dest.read(pair.dest, pair.source, items, signal),
          finalBlockFor(this.source, items, signal),
        ]);
        this.#assertLeft(pair.dest, reading.kept, reading.leftOut);
        return await this.#prove(reading, finalized, { view, ahead, signal });
      } finally {
        ahead.end();
      }
    });
  }

  /** Brings a client to the newest height that its quorum can attest. @throws ProofApiError, ChainError */
  async updateClient(clientId: string, signal: AbortSignal): Promise<RelayResult> {
    await this.#assertServed(clientId);
    return this.#repeat(clientId, async () => {
      const reading = await this.dest.read(clientId, '', [], signal);
      const { set, state } = reading.client;
      const heights = await newestHeights(this.source, set.minRequiredSigs, state.latestHeight, signal);
      if (heights.length === 0) {
        throw new ProofApiError(
          'proof-api/up-to-date',
          `client ${clientId} holds height ${state.latestHeight}, and no newer one can be attested yet`,
          { meta: { clientId, held: state.latestHeight }, retryable: true },
        );
      }
      return this.#proveAt(
        heights,
        { ...reading, kept: [], leftOut: [] },
        {
          view: this.source.view(signal),
          ahead: new AskedAhead(),
          signal,
        },
      );
    });
  }

  /**
   * The newest state that a quorum of a set signs, for a client that does not exist yet.
   * @returns height, time in whole seconds, and the proof (ABI)
   */
  async attestedState(
    set: AttestorSet,
    signal: AbortSignal,
  ): Promise<{ readonly height: bigint; readonly timestampSec: bigint; readonly proof: Uint8Array }> {
    const [height] = await newestHeights(this.source, set.minRequiredSigs, 0n, signal);
    const header = height === undefined ? undefined : await this.source.header(height, 0, signal);
    // Height 0 is what is there before anything is: no client may start from it.
    if (height === undefined || header === undefined) {
      const message = `no block of ${this.source.name} above 0 is final for ${set.minRequiredSigs} attestors yet`;
      throw new ProofApiError('proof-api/not-final', message, { retryable: true });
    }
    const ref = { ...this.#names, clientId: '' };
    const statement = stateStatement(height, header.timestampSec);
    const outcome = await askQuorum(this.#quorumDeps, ref, set, [statement], this.#options.finalityWaitMs, signal);
    if (outcome.kind === 'quorum') {
      const signatures = outcome.tallies[0]?.quorum.map(({ signature }) => signature) ?? [];
      const proof = encodeAttestationProof({ attestationData: statement.data, signatures });
      return { height, timestampSec: header.timestampSec, proof };
    }
    const reports = outcome.kind === 'cancelled' ? [] : outcome.reports;
    throw quorumError(ref, outcome.kind === 'not-final' ? 'not-final' : 'not-reached', height, set, reports);
  }

  async #prove(reading: DestReading, finalized: BlockHeader, work: Work): Promise<RelayResult | ProofApiError> {
    const { client } = reading;
    const options = { minRequiredSigs: client.set.minRequiredSigs, recentBlocks: this.#options.recentBlocks };
    const plan = await planHeights(this.source, reading.kept, finalized, options, work.signal);
    const leftOut = [...reading.leftOut, ...plan.leftOut];
    this.#assertLeft(client.clientId, plan.kept, leftOut);
    return this.#proveAt(plan.candidates, { ...reading, kept: plan.kept, leftOut }, work);
  }

  /** Tries heights in their order. @returns the error when all was read in vain and reading again may help */
  async #proveAt(heights: readonly bigint[], reading: DestReading, work: Work): Promise<RelayResult | ProofApiError> {
    const { client, limits, identity, kept: items, leftOut } = reading;
    const { clientId } = client;
    let failure: ProofApiError | undefined;
    for (const [i, height] of heights.entries()) {
      // What is not final yet at one height is not final at a higher one.
      if (failure?.code === 'proof-api/not-final' && heights.slice(0, i).some((tried) => tried < height)) continue;
      // Waiting for finality is for when there is nothing lower to try at once.
      const finalityWaitMs = heights.slice(i + 1).some((lower) => lower < height) ? 0 : this.#options.finalityWaitMs;
      const step = await this.#prover.at(height, { client, items, limits, finalityWaitMs, ...work });
      if (step.kind === 'reread') return step.error;
      if (step.kind === 'nothing') this.#assertLeft(clientId, [], [...leftOut, ...step.leftOut]);
      if (step.kind === 'next') failure ??= step.error;
      if (step.kind !== 'proven') continue;
      const missing = [...leftOut, ...step.leftOut];
      if (missing.length > 0) this.#emit({ type: 'left-out', ...this.#names, clientId, leftOut: missing });
      const messages = step.items.map(({ kind, packet }) => ({ kind, sequence: packet.sequence }));
      const { tx, updated: updatesClient } = step;
      const address = this.dest.kind.addressOf(identity);
      return { tx, address, height, updatesClient, clientId, messages, leftOut: missing };
    }
    throw failure ?? new ProofApiError('proof-api/not-final', 'no height to prove at', { retryable: true });
  }

  /** Starts over, with the client read anew, as long as things change underneath. */
  async #repeat(clientId: string, run: () => Promise<RelayResult | ProofApiError>): Promise<RelayResult> {
    for (let reads = 1; ; reads++) {
      const result = await run();
      if (!(result instanceof ProofApiError)) {
        // A contradiction found while this was being assembled holds it back.
        await this.stops.assertOpen(clientId);
        return result;
      }
      if (reads === MAX_READS) throw result;
      await this.dest.cache.refresh(clientId);
    }
  }

  /** Seconds that a client holds for a height. */
  async #readTimestamp(clientId: string, height: bigint, signal: AbortSignal): Promise<bigint | undefined> {
    const [timestampSec] = await this.dest.clients.consensusTimestamps(clientId, [height], { signal });
    return timestampSec;
  }

  async #assertServed(clientId: string): Promise<void> {
    if (this.#options.clients !== undefined && !this.#options.clients.includes(clientId)) {
      throw new ProofApiError(
        'proof-api/invalid-request',
        `client ${clientId} of ${this.#names.dest} is not among those served: ${this.#options.clients.join(', ')}`,
        { meta: { clientId } },
      );
    }
    await this.stops.assertOpen(clientId);
  }

  #assertLeft(clientId: string, kept: readonly Item[], leftOut: readonly LeftOut[]): void {
    if (kept.length > 0) return;
    this.#emit({ type: 'left-out', ...this.#names, clientId, leftOut });
    const message = `nothing to relay for client ${clientId}: ${describeLeftOut(leftOut)}`;
    const meta = { ...this.#names, clientId, packets: leftOut.length };
    const isFinal = leftOut.length > 0 && leftOut.every(({ reason }) => isUndeliverable(reason));
    if (isFinal) throw new ProofApiError('proof-api/undeliverable', message, { meta });
    const isSome = (wanted: LeftOutReason): boolean => leftOut.some(({ reason }) => reason === wanted);
    if (isSome('not-timed-out')) throw new ProofApiError('proof-api/not-final', message, { meta, retryable: true });
    const code = isSome('too-large') ? 'proof-api/packet-too-large' : 'proof-api/nothing-to-relay';
    throw new ProofApiError(code, message, { meta });
  }
}

/** @throws ProofApiError when packets of several pairs of clients, or none, are asked for in one transaction */
const onlyPair = (items: readonly Item[]): { readonly source: string; readonly dest: string } => {
  const pairs = new Map(items.map((item) => [JSON.stringify(clientsOf(item)), clientsOf(item)]));
  const [pair] = pairs.values();
  if (pair === undefined) {
    throw new ProofApiError(
      'proof-api/nothing-to-relay',
      'these transactions hold no packet that the request asks for',
    );
  }
  if (pairs.size > 1) {
    const some = [...pairs.values()].slice(0, 3).map(({ source, dest }) => `${source} / ${dest}`);
    const names = printable(pairs.size > 3 ? [...some, '...'].join(', ') : some.join(', '));
    throw new ProofApiError(
      'proof-api/invalid-request',
      `packets of several pairs of clients (${names}): name the one meant with src_client_id and dst_client_id`,
      { meta: { pairs: pairs.size } },
    );
  }
  return pair;
};
