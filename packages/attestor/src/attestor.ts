import type { ChainReader, Clock, Signer } from '@interchain-attestation/chains';
import { encodePacketAttestation, encodeStateAttestation, isAttestationError } from '@interchain-attestation/core';
import type { Guard } from '@interchain-attestation/guard';
import type { attestor } from '@interchain-attestation/proto';
import type { EncodedMessage, Readiness, ServiceImpl } from '@interchain-attestation/service';
import { Admission } from './admission.ts';
import { AnswerCache, packetKey, stateKey } from './answer-cache.ts';
import { CanonicalView } from './canonical-view.ts';
import { createChainState } from './chain-state.ts';
import type { AttestorLimits } from './config.ts';
import { encodeAnswer, type SignedAnswer } from './encode-answer.ts';
import { AttestorError } from './errors.ts';
import type { AttestorEvent } from './event.ts';
import { createJudgement } from './judge.ts';
import { assertAttestableHeight, assertPacketLimits, decodeRequestedPackets, parseQuestion } from './packet-request.ts';
import { createPoller } from './poller.ts';
import { createReadiness } from './readiness.ts';
import { reportBreak } from './report-break.ts';
import { createStatementSigner } from './statement-signer.ts';

export interface AttestorDeps {
  readonly chain: ChainReader;
  readonly guard: Guard;
  readonly signer: Signer;
  readonly clock: Clock;
  /** Takes what happens; see `observe` for the one that logs and counts. */
  readonly emit?: ((event: AttestorEvent) => void) | undefined;
}

export interface Attestor {
  /** Serves `ibc_attestor.AttestationService`. */
  readonly impl: ServiceImpl<typeof attestor.AttestationService>;
  /** Whether a statement about a new final block would be signed now. */
  ready(): Promise<Readiness>;
  /** Signs nothing more, waits for the guard and lets go of it. The chain stays open: it is the caller's. */
  close(): Promise<void>;
}

/** From this many packets on, their hashes are computed while the chain is asked. */
const OVERLAP_FROM = 8;
/** Packets of all requests that are worked on at once: bounds memory, and keeps those in turn fast. */
const MAX_PACKETS_AT_ONCE = 1_000;

/** Lets input and output go on: by the second turn a question to the chain has left. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Failures of the chain, as opposed to questions that have no good answer. */
const isReadFailure = (error: unknown): boolean =>
  isAttestationError(error) &&
  (error.code === 'attestor/chain-behind' ||
    error.code === 'attestor/chain-inconsistent' ||
    (error.code.startsWith('chain/') && error.code !== 'chain/height-not-final'));

const rejectedKind = (error: unknown): string | undefined =>
  isAttestationError(error) &&
  [
    'attestor/commitment-missing',
    'attestor/wrong-commitment',
    'attestor/receipt-exists',
    'attestor/wrong-packet',
  ].includes(error.code)
    ? error.code.slice('attestor/'.length)
    : undefined;

/**
 * An attestor of one source under one key. Each statement is read at a block hash that was checked to be canonical and
 * final, made durable in the guard, and only then signed.
 */
export const createAttestor = (deps: AttestorDeps, limits: AttestorLimits): Attestor => {
  const { chain, guard, clock } = deps;
  const emit = deps.emit ?? (() => {});
  const signer = createStatementSigner(guard, deps.signer, emit);
  const view = new CanonicalView({
    reader: chain,
    guard,
    windowBlocks: limits.headerWindow,
    onBreak: (found) => reportBreak(found, { guard, signer, origin: chain.origin, emit }),
    onReorg: ({ height }) => emit({ type: 'final-reorg', height }),
  });
  const state = createChainState(chain, view);
  const admission = new Admission(MAX_PACKETS_AT_ONCE);
  const answers = new AnswerCache(limits.maxCachedAnswers, limits.maxCachedBytes);
  const poller = createPoller({ state, clock, intervalMs: limits.pollIntervalMs, emit });
  let closed = false;

  const assertSigning = (): void => {
    if (closed) throw new AttestorError('attestor/closed', 'the attestor is shutting down', { retryable: true });
    const stopped = signer.stopped();
    if (stopped !== undefined) throw stopped;
  };

  /** What was answered before; never once signing has stopped. */
  const fromMemory = (key: string): EncodedMessage | undefined => {
    assertSigning();
    const answer = answers.get(key);
    if (answer !== undefined) emit({ type: 'answered-from-memory' });
    return answer;
  };

  /** Reports a failure once, as what it is. */
  const observed = async <T>(operation: 'state' | 'packets' | 'latest', work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const kind = rejectedKind(error);
      if (isReadFailure(error)) emit({ type: 'read-failed', operation, error });
      else if (isAttestationError(error, 'attestor/height-not-final')) {
        emit({ type: 'height-rejected', height: BigInt(error.meta.height ?? 0) });
      } else if (kind !== undefined) emit({ type: 'commitment-rejected', kind });
      throw error;
    }
  };

  const attestState = async (height: bigint, signal: AbortSignal): Promise<SignedAnswer> => {
    const pinned = await state.block(height);
    const { block } = pinned;
    signal.throwIfAborted();
    const attestedData = encodeStateAttestation({ height, timestampSec: block.timestampSec });
    const signature = await signer.sign({ kind: 'state', block }, 'state', attestedData, pinned);
    emit({ type: 'attested', kind: 'state', height, packets: 0 });
    return { height, timestampSec: block.timestampSec, attestedData, signature };
  };

  const attestPackets = async (
    encoded: readonly Uint8Array[],
    height: bigint,
    question: ReturnType<typeof parseQuestion>,
    signal: AbortSignal,
  ): Promise<SignedAnswer> => {
    const judgement = createJudgement(question, decodeRequestedPackets(encoded, question), chain.kind === 'evm');
    const reading = state.read(height, judgement.paths);
    if (encoded.length >= OVERLAP_FROM) {
      // A failure is met below; while hashing goes on it must not count as unhandled.
      reading.catch(() => {});
      await turn();
      await turn();
      judgement.prepare();
    }
    const pinned = await reading;
    const { block, values } = pinned;
    const { packets, entries } = judgement.judge(values);
    signal.throwIfAborted();
    const attestedData = encodePacketAttestation({ height, packets });
    const signature = await signer.sign({ kind: 'packets', block, entries }, 'packet', attestedData, pinned);
    emit({ type: 'attested', kind: 'packet', height, packets: encoded.length });
    return { height, attestedData, signature };
  };

  const answer = async (
    key: string,
    operation: 'state' | 'packets',
    make: () => Promise<SignedAnswer>,
  ): Promise<EncodedMessage> => {
    const made = encodeAnswer(await observed(operation, make));
    answers.set(key, made);
    return made;
  };

  return {
    impl: {
      async stateAttestation({ height }, context) {
        assertAttestableHeight(height);
        const key = stateKey(height);
        return fromMemory(key) ?? answer(key, 'state', () => attestState(height, context.signal));
      },
      async packetAttestation({ packets, height, commitmentType }, context) {
        assertAttestableHeight(height);
        const question = parseQuestion(commitmentType);
        assertPacketLimits(packets, limits);
        const key = packetKey(question, height, packets);
        const known = fromMemory(key);
        if (known !== undefined) return known;
        const { signal } = context;
        return answer(key, 'packets', () =>
          admission.run(packets.length, signal, () => attestPackets(packets, height, question, signal)),
        );
      },
      async latestHeight() {
        assertSigning();
        const { height } = await observed('latest', () => state.latest());
        return { height };
      },
    },
    ready: createReadiness({ poller, guard, signer, clock, limits, closed: () => closed }),
    async close() {
      if (closed) return;
      closed = true;
      await poller.close();
      await guard.close();
    },
  };
};
