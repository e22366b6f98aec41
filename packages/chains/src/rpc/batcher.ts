import { fullJitterMs } from '../backoff.ts';
import type { ChainEvent } from '../chain-event.ts';
import { ChainError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { RpcHealth } from './health.ts';
import type { HttpAnswer, HttpClient } from './http.ts';
import type { IdentityCheck } from './identity-check.ts';
import { toResponseError } from './response-error.ts';

/** One JSON-RPC call that waits for its batch. */
interface QueuedCall {
  readonly method: string;
  /** JSON of the parameters; a function is asked when the batch is cut, so that a call can gather work until then. */
  readonly params: string | (() => string);
  readonly enqueuedAt: number;
  readonly onRepeat: (() => void) | undefined;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export interface Batcher {
  /**
   * Puts a call into the next batch.
   * @param onRepeat told when the call is posted again: the node may have carried it out although its answer was lost
   * @returns the `result` member as parsed
   * @throws RpcResponseError for a JSON-RPC error, ChainError `chain/unavailable`, `chain/wrong-chain`
   */
  call(method: string, params: string | (() => string), onRepeat?: () => void): Promise<unknown>;
  close(): void;
}

export interface BatcherOptions {
  readonly http: HttpClient;
  readonly identity: IdentityCheck;
  readonly health: RpcHealth;
  readonly clock: Clock;
  readonly emit: (event: ChainEvent) => void;
  /** HTTP requests of this batcher under way at once. */
  readonly maxInFlight: number;
  readonly maxBatchCalls: number;
  readonly timeoutMs: number;
  readonly retries: number;
}

interface Entry {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

interface Serialized {
  readonly method: string;
  readonly params: string;
}

/**
 * A node that takes no batch this long says so in one error object, alone (most) or in an array (geth), in its message or
 * in its data (CometBFT).
 */
const isBatchRefusal = (answer: unknown): boolean => {
  const only: unknown = Array.isArray(answer) && answer.length === 1 ? answer[0] : answer;
  const error = (only as Entry | null)?.error as { message?: unknown; data?: unknown } | undefined;
  return [error?.message, error?.data].some((text) => typeof text === 'string' && /batch/i.test(text));
};

const entryJson = (id: number, method: string, params: string): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;

/**
 * Gathers calls that are made in the same turn of the event loop, or while all its requests are under way, into one
 * JSON-RPC batch: the number of requests and connections stays constant however many callers there are.
 * Every batch also asks who answers (see {@link IdentityCheck}).
 */
export const createBatcher = (options: BatcherOptions): Batcher => {
  const { http, identity, health, clock, emit } = options;
  let queue: QueuedCall[] = [];
  let inFlight = 0;
  let scheduled = false;
  let closed = false;
  let maxCalls = options.maxBatchCalls;

  const unavailable = (kind: string, what: string): ChainError =>
    new ChainError('chain/unavailable', `RPC at ${http.origin}: ${what}`, {
      meta: { origin: http.origin, kind },
      retryable: true,
    });

  const schedule = (): void => {
    if (scheduled || queue.length === 0 || inFlight >= options.maxInFlight) return;
    scheduled = true;
    // After the poll phase: calls caused by everything that arrived in this turn are in the queue by then.
    setImmediate(() => {
      scheduled = false;
      while (queue.length > 0 && inFlight < options.maxInFlight) void fly(queue.splice(0, maxCalls));
    });
  };

  /** Sends a body until an answer parses, at most 1 + retries times; a time-out is final, the caller waited enough. */
  const exchange = async (body: string, onRepeat: () => void): Promise<{ entries: unknown; answer: HttpAnswer }> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await http.post(body);
        try {
          return { entries: JSON.parse(answer.text), answer };
        } catch {
          throw unavailable('not-json', `answer is not JSON (${answer.text.length} characters)`);
        }
      } catch (error) {
        identity.suspect();
        if (!(error instanceof ChainError)) throw error;
        const { kind, status } = error.meta;
        const permanent = kind === 'timeout' || kind === 'too-large' || kind === 'closed';
        const refused = typeof status === 'number' && status >= 400 && status < 500 && status !== 429 && status !== 408;
        if (closed || permanent || refused || attempt >= options.retries) throw error;
        const delayMs = fullJitterMs(attempt, 100, 1_000);
        emit({ type: 'rpc-retry', attempt: attempt + 1, delayMs, error });
        await clock.sleep(delayMs);
        onRepeat();
      }
    }
  };

  /** Entries in the order of the calls, from a chain that showed who it is; `refused` when the batch was too long. */
  const roundTrip = async (
    calls: readonly Serialized[],
    onRepeat: () => void,
  ): Promise<readonly (Entry | undefined)[] | 'refused'> => {
    const probes = identity.probes();
    const parts = [...probes.calls, ...calls].map((call, i) => entryJson(i, call.method, call.params));
    const { entries, answer } = await exchange(`[${parts.join(',')}]`, onRepeat);
    if (calls.length > 1 && isBatchRefusal(entries)) return 'refused';
    if (!Array.isArray(entries)) {
      const { message } = toResponseError('batch', (entries as Entry | null)?.error);
      throw unavailable('not-a-batch', `answered a batch with something else: ${message}`);
    }
    const byId: (Entry | undefined)[] = new Array(parts.length);
    for (const entry of entries as (Entry | null)[]) {
      if (typeof entry?.id === 'number' && entry.id in parts) byId[entry.id] = entry;
    }
    const probed = byId.splice(0, probes.calls.length).map((entry) => entry?.result);
    if (!identity.check(probes, probed, answer.newConnection)) await roundTrip([], () => {});
    return byId;
  };

  const settle = (calls: readonly QueuedCall[], entries: readonly (Entry | undefined)[]): void => {
    for (let i = 0; i < calls.length; i++) {
      const call = calls[i] as QueuedCall;
      const entry = entries[i];
      if (entry === undefined) call.reject(unavailable('missing-answer', `no answer to ${call.method}`));
      else if (entry.error !== undefined && entry.error !== null)
        call.reject(toResponseError(call.method, entry.error));
      else if (entry.result === undefined) call.reject(unavailable('missing-answer', `no result for ${call.method}`));
      else call.resolve(entry.result);
    }
  };

  const deliver = async (calls: readonly QueuedCall[], serialized: readonly Serialized[]): Promise<void> => {
    let answer: readonly (Entry | undefined)[] | 'refused';
    const onRepeat = (): void => {
      for (const call of calls) call.onRepeat?.();
    };
    try {
      answer = await roundTrip(serialized, onRepeat);
    } catch (error) {
      if (!(error instanceof ChainError) || error.meta.kind !== 'too-large' || calls.length === 1) throw error;
      // It may be the answer that is too large, and the work done.
      onRepeat();
      answer = 'refused';
    }
    if (answer !== 'refused') return settle(calls, answer);
    // The node takes no batch this long: remember, and send it in halves.
    const half = Math.ceil(calls.length / 2);
    maxCalls = Math.max(1, Math.min(maxCalls, half));
    await deliver(calls.slice(0, half), serialized.slice(0, half));
    await deliver(calls.slice(half), serialized.slice(half));
  };

  const expireQueue = (): void => {
    const limit = clock.now() - options.timeoutMs;
    const expired = queue.filter((call) => call.enqueuedAt <= limit);
    if (expired.length === 0) return;
    queue = queue.filter((call) => call.enqueuedAt > limit);
    for (const call of expired) call.reject(unavailable('timeout', `no answer within ${options.timeoutMs} ms`));
  };

  const fly = async (calls: readonly QueuedCall[]): Promise<void> => {
    inFlight++;
    const startedAt = clock.now();
    let outcome: 'ok' | ChainError['code'] = 'ok';
    try {
      await deliver(
        calls,
        calls.map(({ method, params }) => ({ method, params: typeof params === 'string' ? params : params() })),
      );
      health.succeeded();
    } catch (error) {
      health.failed(error);
      outcome = error instanceof ChainError ? error.code : 'chain/unavailable';
      for (const call of calls) call.reject(error);
    }
    inFlight--;
    const counts = new Map<string, number>();
    for (const { method } of calls) counts.set(method, (counts.get(method) ?? 0) + 1);
    emit({ type: 'rpc-batch', durationMs: clock.now() - startedAt, outcome, calls: counts });
    if (outcome !== 'ok') expireQueue();
    schedule();
  };

  return {
    call: (method, params, onRepeat) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(unavailable('closed', 'the client is closed'));
        queue.push({ method, params, onRepeat, enqueuedAt: clock.now(), resolve, reject });
        schedule();
      }),
    close() {
      closed = true;
      for (const call of queue.splice(0)) call.reject(unavailable('closed', 'the client is closed'));
    },
  };
};
