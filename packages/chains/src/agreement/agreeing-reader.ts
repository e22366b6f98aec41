import { bytesToHex, equalBytes, larger, smaller } from '@interchain-attestation/core';
import { abortable } from '../abortable.ts';
import { type ChainEvent, emitterOf } from '../chain-event.ts';
import { systemClock } from '../clock.ts';
import { ChainError } from '../errors.ts';
import type { BlockHeader, ChainIdentity, ChainReader, Clock, TransactionLimits } from '../ports.ts';
import { assertAnswer, assertAnswers, assertHeaders } from './answers.ts';
import { type Ballot, castBallot, type Vote } from './ballot.ts';
import { agreedError, disagreement, type Electorate, tooFew } from './failure.ts';
import { groupVotes } from './groups.ts';
import { describeHeader, type Header, highestFirst, isSameHeader, tallyHeaders } from './headers.ts';
import { electHighest, type HighestBlockDeps } from './highest-block.ts';
import { Slowness } from './slowness.ts';

export interface AgreementOptions {
  /** How many endpoints must say the same: more than half of them, at most all. */
  readonly required: number;
  readonly clock?: Clock | undefined;
  /** Told when an endpoint differs from what the others agree on; once a minute for each. */
  readonly onEvent?: ((event: ChainEvent) => void) | undefined;
  /** How long one that could raise the final height is waited for once others agree on a lower one, milliseconds; default 250. */
  readonly graceMs?: number | undefined;
}

type Value = Uint8Array | undefined;

const DEFAULT_GRACE_MS = 250;
const TELL_AGAIN_MS = 60_000;

const isSameIdentity = (a: ChainIdentity, b: ChainIdentity): boolean =>
  a.chainId === b.chainId && a.genesisHash === b.genesisHash && a.store === b.store;

const describeIdentity = ({ chainId, genesisHash, store }: ChainIdentity): string =>
  `${chainId}, genesis ${genesisHash}, ${store}`;

const isSameValue = (a: Value, b: Value): boolean => (a === undefined || b === undefined ? a === b : equalBytes(a, b));

const areSameValues = (a: readonly Value[], b: readonly Value[]): boolean =>
  a.every((value, i) => isSameValue(value, b[i]));

/** A few values say it; a hundred would only fill the log. */
const describeValues = (values: readonly Value[], others: readonly (readonly Value[])[]): string => {
  const differing = values.flatMap((value, i) =>
    others.some((other) => !isSameValue(other[i], value)) ? [`#${i} ${value ? bytesToHex(value) : 'nothing'}`] : [],
  );
  return `${differing.slice(0, 3).join(', ')}${differing.length > 3 ? ` and ${differing.length - 3} more` : ''}`;
};

/** Endpoints of one origin are told apart by their place. */
const originsOf = (readers: readonly ChainReader[]): readonly string[] => {
  const origins = readers.map(({ origin }) => origin);
  return origins.map((origin, i) =>
    origins.indexOf(origin) === origins.lastIndexOf(origin) ? origin : `${origin} (${i + 1})`,
  );
};

const assertElectorate = (readers: readonly ChainReader[], required: number): ChainReader => {
  const [first] = readers;
  if (first === undefined) throw new ChainError('chain/invalid-input', 'no RPC endpoint to read from');
  const count = readers.length;
  if (!Number.isInteger(required) || 2 * required <= count || required > count) {
    const text = `${required} of ${count} RPC endpoints of ${first.name}: more than half of them must agree`;
    throw new ChainError('chain/invalid-input', text);
  }
  if (readers.some(({ kind }) => kind !== first.kind)) {
    throw new ChainError('chain/invalid-input', `RPC endpoints of ${first.name} are of different kinds of chain`);
  }
  return first;
};

/**
 * Reads one chain through several RPC endpoints, `required` of which must say the same: fewer than that can lie, lag,
 * hang or be down, and nothing that they say is passed on. All are asked at once and nobody waits for the slowest.
 *
 * - Values and the identity are those that `required` endpoints give alike. Where nothing has so many voices it is
 *   `chain/rpc-disagreement` with what each said, or `chain/unavailable`; both are retryable. Any other error is one that
 *   `required` endpoints gave alike.
 * - The final block is the highest that `required` endpoints hold final, as `required` of those have it. Headers up to
 *   there are what `required` of the endpoints that hold them final say; above, what `required` endpoints say.
 * - The newest block is the highest that `required` endpoints have reached, and have alike. The limits are those of the
 *   first to answer.
 * @throws ChainError `chain/invalid-input` when `required` is no majority, or the readers are not of one kind
 */
export const createAgreeingReader = (readers: readonly ChainReader[], options: AgreementOptions): ChainReader => {
  const { required, clock = systemClock, graceMs = DEFAULT_GRACE_MS } = options;
  const emit = emitterOf(options.onEvent);
  const first = assertElectorate(readers, required);
  const count = readers.length;
  const electorate: Electorate = { name: first.name, origins: originsOf(readers), required };
  const readerAt = (by: number): ChainReader => readers[by] as ChainReader;
  /** The highest block that each endpoint ever called final, by its place. */
  const held = new Map<number, bigint>();
  /** The highest final block ever agreed on. */
  let agreedFinal = -1n;
  const toldAt = new Map<number, number>();
  const ended = new AbortController();

  const tellDissent = (by: number, about: string, detail: string): void => {
    const now = clock.now();
    if (now - (toldAt.get(by) ?? Number.NEGATIVE_INFINITY) < TELL_AGAIN_MS) return;
    toldAt.set(by, now);
    emit({ type: 'rpc-dissent', origin: electorate.origins[by] ?? '', about, detail });
  };
  /** A header that is not there yet is no dissent. */
  const tellOther = (by: number, said: Header, right: Header): void => {
    if (said === undefined || right === undefined || isSameHeader(said, right)) return;
    tellDissent(by, `block ${right.height}`, `${describeHeader(said)}; the others: ${describeHeader(right)}`);
  };

  /** What `required` endpoints say alike. */
  const agree = <T>(
    what: string,
    ask: (reader: ChainReader) => Promise<T>,
    isSame: (a: T, b: T) => boolean,
    describe: (value: T, others: readonly T[]) => string,
  ): Promise<T> => {
    let agreed: { readonly value: T } | undefined;
    const decide = ({ votes, abstentions, open }: Ballot<T>) => {
      const groups = groupVotes(votes, isSame);
      const [largest] = groups;
      const voices = largest?.by.length ?? 0;
      if (largest !== undefined && voices >= required) {
        agreed = { value: largest.value };
        return agreed;
      }
      const error = agreedError(electorate, abstentions);
      if (error !== undefined) return { error };
      if (voices + open >= required) return undefined;
      if (groups.length < 2) return { error: tooFew(electorate, abstentions) };
      const values = groups.map(({ value }) => value);
      const told = (value: T): string =>
        describe(
          value,
          values.filter((other) => other !== value),
        );
      return { error: disagreement(electorate, what, groups, told) };
    };
    const tell = (votes: readonly Vote<T>[]): void => {
      if (agreed === undefined) return;
      const { value: right } = agreed;
      for (const { by, value } of votes) {
        if (!isSame(value, right))
          tellDissent(by, what, `${describe(value, [right])}; the others: ${describe(right, [value])}`);
      }
    };
    const answer = async (by: number): Promise<T> => assertAnswer(await ask(readerAt(by)));
    return castBallot(count, answer, decide, tell);
  };

  const election: Omit<HighestBlockDeps, 'slowness' | 'onReached'> = {
    readers,
    electorate,
    clock,
    graceMs,
    ended: ended.signal,
    tellOther,
  };
  const heldBy = (by: number): bigint => held.get(by) ?? -1n;
  const hold = (by: number, { height }: BlockHeader): void => {
    held.set(by, larger(height, heldBy(by)));
  };
  const finality: HighestBlockDeps = { ...election, slowness: new Slowness(), onReached: hold };
  const heads: HighestBlockDeps = { ...election, slowness: new Slowness(), onReached: () => {} };

  const finalizedBlock = async (covering: bigint | undefined): Promise<BlockHeader> => {
    // One that claims little, or less than was agreed on before, keeps nobody from hearing the others.
    const reached = highestFirst(held.values())[required - 1] ?? -1n;
    const final = await electHighest(finality, {
      what: 'final block',
      ask: (reader) => reader.finalizedBlock(covering === undefined ? {} : { covering }),
      enough: covering === undefined ? undefined : larger(covering, agreedFinal),
      floor: covering === undefined ? agreedFinal : larger(agreedFinal, smaller(covering, reached)),
    });
    agreedFinal = larger(agreedFinal, final.height);
    return final;
  };

  /** Headers as one endpoint has them; no voice (undefined) where others hold a block final and it does not. */
  const voicesOf = async (
    by: number,
    heights: readonly bigint[],
    finalHeight: bigint,
  ): Promise<readonly ({ readonly header: Header } | undefined)[]> => {
    const [covering = -1n] = highestFirst(heights.filter((height) => height <= finalHeight));
    if (covering > heldBy(by)) hold(by, await readerAt(by).finalizedBlock({ covering }));
    // As far as it was before the question left: what it comes to hold meanwhile says nothing about an older answer.
    const own = heldBy(by);
    const headers = assertHeaders(heights, await readerAt(by).headers(heights));
    return headers.map((header, i) => {
      const height = heights[i] ?? 0n;
      return height > finalHeight || height <= own ? { header } : undefined;
    });
  };

  const headers = (heights: readonly bigint[]): Promise<readonly Header[]> => {
    const finalHeight = agreedFinal;
    type Voices = Awaited<ReturnType<typeof voicesOf>>;
    let agreed: readonly Header[] = [];
    const decide = ({ votes, abstentions, open }: Ballot<Voices>) => {
      const error = agreedError(electorate, abstentions);
      if (error !== undefined) return { error };
      if (votes.length + open < required) return { error: tooFew(electorate, abstentions) };
      if (votes.length < required) return undefined;
      const found: Header[] = [];
      for (const [i, height] of heights.entries()) {
        const voices = votes.flatMap(({ by, value }): Vote<Header>[] => {
          const voice = value[i];
          return voice === undefined ? [] : [{ by, value: voice.header }];
        });
        const { groups, agreed: header, absent } = tallyHeaders(voices, required);
        if (header === undefined && absent < required) {
          if (open > 0) return undefined;
          if (groups.length > 1) return { error: disagreement(electorate, `block ${height}`, groups, describeHeader) };
          // Some know it and the others not yet; but a final block is there, and who cannot say does not say no.
          if (height <= finalHeight || voices.length < count) return { error: tooFew(electorate, abstentions) };
        }
        found.push(header);
      }
      agreed = found;
      return { value: agreed };
    };
    const tell = (votes: readonly Vote<Voices>[]): void => {
      for (const { by, value } of votes) {
        for (const [i, voice] of value.entries()) tellOther(by, voice?.header, agreed[i]);
      }
    };
    return castBallot(count, (by) => voicesOf(by, heights, finalHeight), decide, tell);
  };

  const limits = async (): Promise<TransactionLimits> => {
    try {
      return await Promise.any(readers.map(async (reader) => reader.limits()));
    } catch (error) {
      throw error instanceof AggregateError ? error.errors[0] : error;
    }
  };

  return {
    kind: first.kind,
    name: first.name,
    origin: electorate.origins.join(', '),
    identity: (call) =>
      abortable(
        agree('which chain it is', (reader) => reader.identity(), isSameIdentity, describeIdentity),
        call?.signal,
      ),
    latestBlock: (call) =>
      abortable(electHighest(heads, { what: 'newest block', ask: (reader) => reader.latestBlock() }), call?.signal),
    finalizedBlock: (call) => abortable(finalizedBlock(call?.covering), call?.signal),
    headers: (heights, call) => abortable(headers(heights), call?.signal),
    commitments: (block, paths, call) => {
      const ask = async (reader: ChainReader) => assertAnswers(paths, await reader.commitments(block, paths));
      return abortable(agree(`what block ${block.height} holds`, ask, areSameValues, describeValues), call?.signal);
    },
    limits: (call) => abortable(limits(), call?.signal),
    async close() {
      ended.abort();
      await Promise.all(readers.map((reader) => reader.close()));
    },
  };
};
