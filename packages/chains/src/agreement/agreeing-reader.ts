import { bytesToHex, equalBytes } from '@interchain-attestation/core';
import { abortable } from '../abortable.ts';
import type { ChainEvent } from '../chain-event.ts';
import { systemClock } from '../clock.ts';
import { ChainError } from '../errors.ts';
import type { BlockHeader, CallOptions, ChainIdentity, ChainReader, Clock } from '../ports.ts';
import { type Ballot, castBallot, type Vote } from './ballot.ts';
import { disagreement, type Electorate, tooFew } from './failure.ts';
import { groupVotes } from './groups.ts';

export interface AgreementOptions {
  /** How many endpoints must say the same: more than half of them, at most all. */
  readonly required: number;
  readonly clock?: Clock | undefined;
  /** Told when an endpoint differs from what the others agree on; once a minute for each. */
  readonly onEvent?: ((event: ChainEvent) => void) | undefined;
  /** How long an answer that could raise the final height is waited for once enough are there, milliseconds; default 250. */
  readonly graceMs?: number | undefined;
}

type Value = Uint8Array | undefined;
type Header = BlockHeader | undefined;

/**
 * Who is waited for once enough have answered, since they could raise the height: nobody when it covers what is wanted
 * (eager), those that are not known to be slow (graceful), all (patient).
 */
type Patience = 'eager' | 'graceful' | 'patient';

const PATIENCE: readonly Patience[] = ['eager', 'graceful', 'patient'];

const DEFAULT_GRACE_MS = 250;
const TELL_AGAIN_MS = 60_000;

const isSameIdentity = (a: ChainIdentity, b: ChainIdentity): boolean =>
  a.chainId === b.chainId && a.genesisHash === b.genesisHash && a.store === b.store;

const isSameHeader = (a: BlockHeader, b: BlockHeader): boolean =>
  a.height === b.height && a.hash === b.hash && a.parentHash === b.parentHash && a.timestampSec === b.timestampSec;

const isSameValue = (a: Value, b: Value): boolean => (a === undefined || b === undefined ? a === b : equalBytes(a, b));

const areSameValues = (a: readonly Value[], b: readonly Value[]): boolean =>
  a.length === b.length && a.every((value, i) => isSameValue(value, b[i]));

const describeHeader = ({ hash, parentHash, timestampSec }: BlockHeader): string =>
  `${hash} after ${parentHash} at ${timestampSec}`;

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

/**
 * Reads one chain through several RPC endpoints, `required` of which must say the same: fewer than that can lie, lag,
 * hang or be down, and nothing that they say is passed on. All are asked at once and nobody waits for the slowest.
 *
 * - Values, headers and the identity are those that `required` endpoints gave alike. Where no answer has so many, it is
 *   `chain/rpc-disagreement` (retryable) with what each said, or the commonest error when too few answered.
 * - The final block is the highest that `required` endpoints hold final, as `required` of those have it. A header that
 *   too few know is undefined, as one that is not there yet.
 * - `limits` and `latestBlock` decide over nothing that is signed: the limits are those of the first endpoint to answer,
 *   the newest block is the highest that `required` endpoints have reached, as one of them has it.
 * @throws ChainError `chain/invalid-input` when `required` is no majority, or the readers are not of one chain
 */
export const createAgreeingReader = (readers: readonly ChainReader[], options: AgreementOptions): ChainReader => {
  const { required, clock = systemClock, onEvent = () => {}, graceMs = DEFAULT_GRACE_MS } = options;
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
  const all = [...readers.keys()];
  const electorate: Electorate = { name: first.name, origins: originsOf(readers), required };
  /** Endpoints that did not answer in time when they were waited for: nobody waits for them until they do. */
  const slow = new Set<number>();
  const toldAt = new Map<number, number>();
  const ended = new AbortController();

  const tellDissent = (by: number, about: string, detail: string): void => {
    const now = clock.now();
    if (now - (toldAt.get(by) ?? Number.NEGATIVE_INFINITY) < TELL_AGAIN_MS) return;
    toldAt.set(by, now);
    onEvent({ type: 'rpc-dissent', origin: electorate.origins[by] ?? '', about, detail });
  };

  /** A header that is not there yet is no dissent. */
  const tellOtherHeader = (by: number, said: Header, right: Header): void => {
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
    const decide = (ballot: Ballot<T>) => {
      const groups = groupVotes(ballot.votes, isSame);
      const [largest] = groups;
      if (largest !== undefined && largest.by.length >= required) {
        agreed = { value: largest.value };
        return agreed;
      }
      if (ballot.open.size > 0) return undefined;
      if (groups.length < 2) return { error: tooFew(electorate, ballot) };
      const told = (value: T): string =>
        describe(
          value,
          groups.map((group) => group.value).filter((other) => other !== value),
        );
      return { error: disagreement(electorate, what, groups, told) };
    };
    const tell = ({ votes }: Ballot<T>): void => {
      if (agreed === undefined) return;
      const { value: right } = agreed;
      for (const { by, value } of votes) {
        if (isSame(value, right)) continue;
        tellDissent(by, what, `${describe(value, [right])}; the others: ${describe(right, [value])}`);
      }
    };
    return castBallot(all, (by) => ask(readers[by] as ChainReader), decide, tell).decision;
  };

  /** The header that `required` of these votes hold alike, if any. */
  const agreedHeader = (votes: readonly Vote<Header>[]) => {
    const groups = groupVotes(
      votes.flatMap(({ by, value }) => (value === undefined ? [] : { by, value })),
      isSameHeader,
    );
    const [largest] = groups;
    return { groups, header: largest !== undefined && largest.by.length >= required ? largest.value : undefined };
  };

  const headers = (heights: readonly bigint[], callOptions?: CallOptions): Promise<readonly Header[]> => {
    const at = (votes: readonly Vote<readonly Header[]>[], i: number): readonly Vote<Header>[] =>
      votes.map(({ by, value }) => ({ by, value: value[i] }));
    let agreed: readonly Header[] | undefined;
    const decide = (ballot: Ballot<readonly Header[]>) => {
      const { votes, open } = ballot;
      if (votes.length < required) return open.size > 0 ? undefined : { error: tooFew(electorate, ballot) };
      const found: Header[] = [];
      for (const [i, height] of heights.entries()) {
        const column = at(votes, i);
        const { groups, header } = agreedHeader(column);
        const isAbsent = column.filter(({ value }) => value === undefined).length >= required;
        if (header === undefined && !isAbsent) {
          if (open.size > 0) return undefined;
          if (groups.length > 1) return { error: disagreement(electorate, `block ${height}`, groups, describeHeader) };
        }
        found.push(header);
      }
      agreed = found;
      return { value: agreed };
    };
    const tell = ({ votes }: Ballot<readonly Header[]>): void => {
      for (const { by, value } of votes) {
        for (const [i, header] of value.entries()) tellOtherHeader(by, header, agreed?.[i]);
      }
    };
    const ask = (by: number) => (readers[by] as ChainReader).headers(heights, callOptions);
    return castBallot(all, ask, decide, tell).decision;
  };

  /** How far endpoints are, the farthest first: `required` of them are at least as far as the one at that place. */
  const reached = (
    ask: (reader: ChainReader) => Promise<BlockHeader>,
    patience: Patience,
    covering?: bigint,
  ): Promise<readonly Vote<BlockHeader>[]> => {
    const askedAt = clock.now();
    let timer: AbortController | undefined;
    const answered = async (by: number): Promise<BlockHeader> => {
      const header = await ask(readers[by] as ChainReader);
      if (clock.now() - askedAt <= graceMs) slow.delete(by);
      return header;
    };
    const { decision, reconsider } = castBallot<BlockHeader, readonly Vote<BlockHeader>[]>(all, answered, (ballot) => {
      const votes = [...ballot.votes].sort((a, b) => (a.value.height > b.value.height ? -1 : 1));
      const highest = votes[required - 1]?.value;
      if (highest === undefined) return ballot.open.size > 0 ? undefined : { error: tooFew(electorate, ballot) };
      const covers = covering !== undefined && highest.height >= covering;
      if (patience === 'eager' && covers) return { value: votes };
      if ([...ballot.open].every((by) => patience !== 'patient' && slow.has(by))) return { value: votes };
      if (timer === undefined && patience !== 'patient') {
        timer = new AbortController();
        const giveUp = (): void => {
          for (const by of ballot.open) slow.add(by);
          reconsider();
        };
        clock.sleep(graceMs, AbortSignal.any([timer.signal, ended.signal])).then(giveUp, () => {});
      }
      return undefined;
    });
    return decision.finally(() => timer?.abort());
  };

  /**
   * What the endpoints that hold a block final say of it; undefined when no `required` of them say the same. Another
   * may be on a branch that will be given up.
   */
  const finalHeader = async (height: bigint, votes: readonly Vote<BlockHeader>[]) => {
    const holders = new Map(votes.filter(({ value }) => value.height >= height).map(({ by, value }) => [by, value]));
    const ask = async (by: number): Promise<Header> => {
      const held = holders.get(by);
      return held?.height === height ? held : (await (readers[by] as ChainReader).headers([height]))[0];
    };
    const decide = ({ votes: told, open }: Ballot<Header>) => {
      const { header, groups } = agreedHeader(told);
      return header === undefined && open.size > 0 ? undefined : { value: { header, groups } };
    };
    const tell = ({ votes: told }: Ballot<Header>): void => {
      const { header } = agreedHeader(told);
      for (const { by, value } of told) tellOtherHeader(by, value, header);
    };
    return castBallot(holders.keys(), ask, decide, tell).decision;
  };

  const finalizedBlock = async (covering: bigint | undefined): Promise<BlockHeader> => {
    const question = covering === undefined ? {} : { covering };
    let problem: ChainError | undefined;
    for (const patience of PATIENCE) {
      const votes = await reached((reader) => reader.finalizedBlock(question), patience, covering);
      const heights = [...new Set(votes.slice(required - 1).map(({ value }) => value.height))];
      for (const height of heights) {
        const { header, groups } = await finalHeader(height, votes);
        if (header !== undefined) return header;
        problem ??=
          groups.length > 1
            ? disagreement(electorate, `final block ${height}`, groups, describeHeader)
            : new ChainError('chain/unavailable', `too few RPC endpoints of ${first.name} know final block ${height}`, {
                meta: { chain: first.name, height },
                retryable: true,
              });
        // Those that were not waited for may settle it, before a lower block is taken.
        if (patience === 'eager' && votes.length < count) break;
      }
      if (votes.length === count) break;
    }
    throw problem;
  };

  const limits = async (callOptions?: CallOptions) => {
    try {
      return await Promise.any(readers.map((reader) => reader.limits(callOptions)));
    } catch (error) {
      throw error instanceof AggregateError ? error.errors[0] : error;
    }
  };

  return {
    kind: first.kind,
    name: first.name,
    origin: electorate.origins.join(', '),
    identity: (callOptions) =>
      abortable(
        agree(
          'which chain it is',
          (reader) => reader.identity(),
          isSameIdentity,
          ({ chainId, genesisHash, store }) => `${chainId}, genesis ${genesisHash}, ${store}`,
        ),
        callOptions?.signal,
      ),
    latestBlock: (callOptions) =>
      abortable(
        reached((reader) => reader.latestBlock(), 'graceful').then(
          (votes) => votes[required - 1]?.value as BlockHeader,
        ),
        callOptions?.signal,
      ),
    finalizedBlock: (callOptions) => abortable(finalizedBlock(callOptions?.covering), callOptions?.signal),
    headers: (heights, callOptions) => abortable(headers(heights), callOptions?.signal),
    commitments: (block, paths, callOptions) =>
      abortable(
        agree(
          `what block ${block.height} holds`,
          (reader) => reader.commitments(block, paths),
          areSameValues,
          describeValues,
        ),
        callOptions?.signal,
      ),
    limits: (callOptions) => abortable(limits(), callOptions?.signal),
    async close() {
      ended.abort();
      await Promise.all(readers.map((reader) => reader.close()));
    },
  };
};
