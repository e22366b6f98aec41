import type { BlockHeader, TransactionLimits } from '@interchain-attestation/chains';
import { encodePacketAttestation, equalBytes, hashPath, isAttestationError } from '@interchain-attestation/core';
import type { AskedAhead } from '../attestors/asked-ahead.ts';
import { mayAgreeElsewhere } from '../attestors/report.ts';
import type { Batch } from '../domain/batch.ts';
import type { DestKind } from '../domain/dest-kind.ts';
import { type Item, type LeftOut, sourcePath } from '../domain/item.ts';
import { cutIntoLists } from '../domain/lists.ts';
import { partition, sourceReason } from '../domain/provable.ts';
import { type Statement, stateStatement } from '../domain/statement.ts';
import type { Tally } from '../domain/tally.ts';
import { ProofApiError } from '../errors.ts';
import type { ClientRef } from '../evidence/evidence.ts';
import { isSameClient, type KnownClient } from './client-cache.ts';
import { askQuorum, type QuorumDeps, quorumError } from './quorum.ts';
import type { SourceReading, SourceView } from './source.ts';
import { listStatement } from './statements.ts';
import { type Stop, type Stops, stopError } from './stops.ts';

export interface ProveDeps extends QuorumDeps {
  readonly route: { readonly source: string; readonly dest: string };
  readonly stops: Stops;
  /** What kind of chain the proofs are for. */
  readonly destKind: DestKind;
  readonly readTimestamp: (clientId: string, height: bigint, signal: AbortSignal) => Promise<bigint | undefined>;
  /** The client as it is on chain at `sinceMs` or later. */
  readonly clientSince: (client: KnownClient, sinceMs: number) => Promise<KnownClient>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export interface ProveRequest {
  readonly client: KnownClient;
  /** What is to be proven; empty for an update alone. */
  readonly items: readonly Item[];
  readonly limits: TransactionLimits;
  /** How long to wait for the height to become final. */
  readonly finalityWaitMs: number;
  readonly view: SourceView;
  /** What attestors were asked before it was known to be needed. */
  readonly ahead: AskedAhead;
  readonly signal: AbortSignal;
}

/** How proving at one height ended. */
export type ProveStep =
  | {
      readonly kind: 'proven';
      readonly tx: Uint8Array;
      readonly items: readonly Item[];
      readonly leftOut: readonly LeftOut[];
      readonly updated: boolean;
    }
  /** None of the items can be proven at this height. */
  | { readonly kind: 'nothing'; readonly leftOut: readonly LeftOut[] }
  /** Another height may do. */
  | { readonly kind: 'next'; readonly error: ProofApiError }
  /** What was read has changed meanwhile: read again. */
  | { readonly kind: 'reread'; readonly error: ProofApiError };

const SIGNATURE_BYTES = 65;

const unavailable = (message: string, cause?: unknown): ProofApiError =>
  new ProofApiError('proof-api/chain-unavailable', message, { cause, retryable: true });

/** Proves items at one height, or brings a client to it. */
export class Prover {
  readonly #deps: ProveDeps;

  constructor(deps: ProveDeps) {
    this.#deps = deps;
  }

  /** @throws ProofApiError that no other height would change */
  async at(height: bigint, request: ProveRequest): Promise<ProveStep> {
    const { route } = this.#deps;
    const { client, view, finalityWaitMs, signal } = request;
    let reading: SourceReading | undefined;
    let timestampSec: bigint | undefined;
    try {
      const held = view.timestampAhead(height) ?? this.#deps.readTimestamp(client.clientId, height, signal);
      [reading, timestampSec] = await Promise.all([view.read(height, request.items, finalityWaitMs), held]);
    } catch (error) {
      if (isAttestationError(error, 'chain/state-pruned')) {
        return { kind: 'next', error: unavailable(`${route.source} no longer holds the state of ${height}`, error) };
      }
      if (isAttestationError(error, 'chain/block-not-canonical')) {
        return { kind: 'reread', error: unavailable(`block ${height} of ${route.source} was replaced`, error) };
      }
      throw error;
    }
    if (reading === undefined) {
      const message = `${route.source} has no block ${height} yet`;
      return { kind: 'next', error: new ProofApiError('proof-api/not-final', message, { retryable: true }) };
    }
    const { header, held } = reading;
    if (timestampSec !== undefined && timestampSec !== header.timestampSec) {
      if (!(await this.#clientDiffers(client.clientId, height, signal))) {
        return { kind: 'reread', error: unavailable(`what was read of height ${height} of ${route.source} changed`) };
      }
      this.#stopForClient(client, header, timestampSec);
    }
    if (request.items.length === 0 && timestampSec !== undefined) {
      throw new ProofApiError('proof-api/up-to-date', `client ${client.clientId} holds height ${height} already`, {
        meta: { clientId: client.clientId, held: height },
        retryable: true,
      });
    }
    const { kept, leftOut } = partition(request.items, (item, i) => sourceReason(item, held[i], header.timestampSec));
    if (request.items.length > 0 && kept.length === 0) return { kind: 'nothing', leftOut };
    return this.#collect(header, timestampSec, kept, leftOut, request);
  }

  async #collect(
    header: BlockHeader,
    timestampSec: bigint | undefined,
    items: readonly Item[],
    leftOut: readonly LeftOut[],
    request: ProveRequest,
  ): Promise<ProveStep> {
    const { height } = header;
    const { client, signal } = request;
    const { state, set } = client;
    const { destKind } = this.#deps;
    const lists = cutIntoLists(items, destKind.longestList(state)).map((list) => ({
      items: list,
      statement: listStatement(height, list),
    }));
    const update = timestampSec === undefined ? stateStatement(height, header.timestampSec) : undefined;
    const toBatch = (signaturesOf: (statement: Statement) => readonly Uint8Array[]): Batch => ({
      clientId: client.clientId,
      height,
      update: update === undefined ? undefined : { statement: update, signatures: signaturesOf(update) },
      lists: lists.map((list) => ({ ...list, signatures: signaturesOf(list.statement) })),
      verifiesOncePerTransaction: state.verifiesOncePerTransaction,
    });
    const blank = Array.from({ length: set.minRequiredSigs }, () => new Uint8Array(SIGNATURE_BYTES));
    this.#assertFits(
      toBatch(() => blank),
      items.length,
      request.limits,
    );

    const statements = [...(update === undefined ? [] : [update]), ...lists.map(({ statement }) => statement)];
    const ref: ClientRef = { ...this.#deps.route, clientId: client.clientId };
    // Read again while attestors are asked: what leaves was checked against the client of this very moment.
    const [outcome, current] = await Promise.all([
      askQuorum(this.#deps, ref, set, statements, request.finalityWaitMs, signal, request.ahead),
      this.#deps.clientSince(client, this.#deps.now()),
    ]);
    if (outcome.kind === 'cancelled') signal.throwIfAborted();
    if (outcome.kind === 'contradicted') {
      const changed = await this.#hasReadingChanged(header, items, signal);
      if (!changed) throw this.#stopForQuorum(ref, outcome.tally, items, header);
      return { kind: 'reread', error: unavailable(`the reading of ${this.#deps.route.source} changed`) };
    }
    if (outcome.kind === 'not-final' || outcome.kind === 'not-reached') {
      const error = quorumError(ref, outcome.kind, height, set, outcome.reports);
      if (!isSameClient(current, client)) return { kind: 'reread', error };
      if (mayAgreeElsewhere(outcome.reports, set.minRequiredSigs)) return { kind: 'next', error };
      throw error;
    }
    if (outcome.kind !== 'quorum') throw unavailable('the request was cancelled');

    if (!isSameClient(current, client)) {
      return { kind: 'reread', error: unavailable(`client ${client.clientId} changed while attestors were asked`) };
    }
    const signatures = new Map(outcome.tallies.map((tally) => [tally.statement.id, tally.quorum]));
    const batch = toBatch(({ id }) => (signatures.get(id) ?? []).map(({ signature }) => signature));
    const refusal = destKind.refusalOf(batch, { state: current.state, timestampSec });
    if (refusal !== undefined) {
      const message = `client ${client.clientId} on ${this.#deps.route.dest} would refuse the proof: ${refusal}`;
      return { kind: 'reread', error: new ProofApiError('proof-api/proof-refused', message) };
    }
    return { kind: 'proven', tx: destKind.assemble(batch), items, leftOut, updated: update !== undefined };
  }

  #assertFits(batch: Batch, requested: number, limits: TransactionLimits): void {
    const { maxTxBytes, maxTxGas } = limits;
    const fits = this.#deps.destKind.messagesThatFit(batch, limits);
    if (fits >= requested) return;
    throw new ProofApiError(
      'proof-api/too-many-packets',
      `${requested} packets do not fit a transaction of ${maxTxBytes} bytes and ${maxTxGas} gas: ${fits} do`,
      { meta: { requested, fits, limit: maxTxBytes } },
    );
  }

  /** Whether the own node says something else now than before: then it was on a branch that is gone. */
  async #hasReadingChanged(header: BlockHeader, items: readonly Item[], signal: AbortSignal): Promise<boolean> {
    const [now] = await this.#deps.source.reader.headers([header.height], { signal });
    if (now?.hash !== header.hash) return true;
    const { held } = await this.#deps.source.read(now, items, signal);
    return items.some((item, i) => sourceReason(item, held[i], now.timestampSec) !== undefined);
  }

  /** m attestors agree with each other against the own reading: nobody is blamed, nothing more is handed out. */
  #stopForQuorum(ref: ClientRef, tally: Tally, items: readonly Item[], header: BlockHeader): ProofApiError {
    const { recorder, stops, route } = this.#deps;
    recorder.observe(ref, tally, true);
    const rival = tally.rivalQuorum;
    const both = tally.reached;
    const signers = rival?.signatures.map(({ attestor, signer }) => `${attestor} (${signer})`).join(', ') ?? '';
    const stop: Stop = {
      reason: both ? 'two-quorums' : 'quorum-against-own-reading',
      detail: `at height ${header.height} of ${route.source} another ${tally.statement.question} was signed by ${signers}`,
      agreesAgain: both || rival === undefined ? undefined : () => this.#readsAs(rival.data, tally.statement, items),
    };
    stops.stop(ref.clientId, stop);
    return stopError(route, ref.clientId, stop);
  }

  /** Whether the own node now says, at that height, exactly what `data` states. */
  async #readsAs(data: Uint8Array, statement: Statement, items: readonly Item[]): Promise<boolean> {
    const [header] = await this.#deps.source.reader.headers([statement.height]);
    if (header === undefined) return false;
    if (statement.kind === 'state') {
      return equalBytes(stateStatement(header.height, header.timestampSec).data, data);
    }
    const asked = items.filter((item) => statement.packets.includes(item.encoded));
    const paths = asked.map(sourcePath);
    const held = await this.#deps.source.reader.commitments(header, paths);
    const packets = paths.map((path, i) => ({ path: hashPath(path), commitment: held[i] ?? new Uint8Array(32) }));
    return equalBytes(encodePacketAttestation({ height: header.height, packets }), data);
  }

  /** Whether the client and the own node, both read anew, give different times: one lie of one node proves nothing. */
  async #clientDiffers(clientId: string, height: bigint, signal: AbortSignal): Promise<boolean> {
    const [[header], timestampSec] = await Promise.all([
      this.#deps.source.reader.headers([height], { signal }),
      this.#deps.readTimestamp(clientId, height, signal),
    ]);
    return header === undefined || (timestampSec !== undefined && timestampSec !== header.timestampSec);
  }

  /** The client accepted another time for this height than the own node gives. */
  #stopForClient(client: KnownClient, header: BlockHeader, timestampSec: bigint): never {
    const { stops, route } = this.#deps;
    const stop: Stop = {
      reason: 'client-against-own-reading',
      detail: `height ${header.height}: the client holds time ${timestampSec}, ${route.source} says ${header.timestampSec}`,
      agreesAgain: async () =>
        !(await this.#clientDiffers(client.clientId, header.height, new AbortController().signal)),
    };
    stops.stop(client.clientId, stop);
    throw stopError(route, client.clientId, stop);
  }
}
