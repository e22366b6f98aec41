import type { BlockHeader, ChainReader, Clock } from '../ports.ts';
import { assertAnswer } from './answers.ts';
import type { Abstention, Vote } from './ballot.ts';
import { agreedError, disagreement, type Electorate, tooFew } from './failure.ts';
import { describeHeader, type Header, type HeaderTally, tallyHeaders } from './headers.ts';
import type { Slowness } from './slowness.ts';

export interface HighestBlockDeps {
  readonly readers: readonly ChainReader[];
  readonly electorate: Electorate;
  readonly clock: Clock;
  readonly graceMs: number;
  readonly slowness: Slowness;
  /** Ends waiting. */
  readonly ended: AbortSignal;
  /** Told how far an endpoint says to be. */
  readonly onReached: (by: number, header: BlockHeader) => void;
  readonly tellOther: (by: number, said: Header, right: Header) => void;
}

export interface HighestBlockQuestion {
  /** For messages: `final block`, `newest block`. */
  readonly what: string;
  /** How far an endpoint is. */
  readonly ask: (reader: ChainReader) => Promise<BlockHeader>;
  /** An agreed block at least that high is taken at once; without it, or below, whoever could raise it is waited for. */
  readonly enough?: bigint | undefined;
}

/** What one endpoint has said so far. */
interface Voice {
  /** How far it is; undefined until it says so. */
  top: BlockHeader | undefined;
  /** Headers that it was asked for, by height; those still on their way are not in here. */
  readonly told: Map<bigint, Header>;
  /** Heights that it was asked for. */
  readonly asked: Set<bigint>;
  /** Requests on their way to it. */
  pending: number;
}

/**
 * The highest block that enough endpoints have reached, as enough of those have it: only who has reached a block may say
 * which one it is, since another may be on a branch that will be given up. Each answer is looked at as it comes: a block is
 * taken at once when it is high enough; otherwise those that could raise it are waited for, for a moment, unless they are
 * known to be slow.
 */
export const electHighest = (
  deps: HighestBlockDeps,
  { what, ask, enough }: HighestBlockQuestion,
): Promise<BlockHeader> => {
  const { readers, electorate, clock, graceMs, slowness, onReached, tellOther } = deps;
  const { required } = electorate;
  const voices = readers.map((): Voice => ({ top: undefined, told: new Map(), asked: new Set(), pending: 0 }));
  const abstentions: Abstention[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<BlockHeader>();
  const timer = new AbortController();
  let isDecided = false;
  let result: Header;
  let agreedAt: number | undefined;
  let isTimed = false;

  /** Heights that enough have reached, the highest first. */
  const candidates = (): readonly bigint[] => {
    const tops = voices.flatMap(({ top }) => top?.height ?? []).sort((a, b) => (a > b ? -1 : 1));
    return [...new Set(tops.slice(required - 1))];
  };
  const tally = (height: bigint): HeaderTally => {
    const votes = voices.flatMap(({ told }, by): Vote<Header>[] =>
      told.has(height) ? [{ by, value: told.get(height) }] : [],
    );
    return tallyHeaders(votes, required);
  };
  const isWaitedFor = (_: Voice, by: number): boolean => (voices[by]?.pending ?? 0) > 0 && !slowness.isSlow(by);
  const isPending = ({ pending }: Voice): boolean => pending > 0;

  /** Why there is no block; undefined while there may be one. */
  const failure = (): unknown => {
    const error = agreedError(electorate, abstentions);
    if (error !== undefined) return error;
    const possible = voices.filter((voice) => voice.top !== undefined || isPending(voice)).length;
    if (possible < required) return tooFew(electorate, abstentions);
    if (voices.some(isPending)) return undefined;
    const [highest = 0n] = candidates();
    const { groups } = tally(highest);
    return groups.length > 1
      ? disagreement(electorate, `${what} ${highest}`, groups, describeHeader)
      : tooFew(electorate, abstentions);
  };

  /** @param isOver whether nobody is waited for any more */
  const look = (isOver = false): void => {
    if (isDecided) return;
    const best = candidates()
      .map((height) => tally(height).agreed)
      .find((header) => header !== undefined);
    if (best === undefined) {
      const error = failure();
      isDecided = error !== undefined;
      if (isDecided) reject(error);
      return;
    }
    agreedAt ??= clock.now();
    const isEnough = enough !== undefined && best.height >= enough;
    if (isOver || isEnough || !voices.some(isWaitedFor)) {
      isDecided = true;
      result = best;
      timer.abort();
      resolve(best);
    } else if (!isTimed) {
      isTimed = true;
      const expire = (): void => {
        if (isDecided) return;
        for (const [by, voice] of voices.entries()) if (isPending(voice)) slowness.late(by);
        look(true);
      };
      clock.sleep(graceMs, AbortSignal.any([timer.signal, deps.ended])).then(expire, expire);
    }
  };

  const request = async (by: number, work: () => Promise<void>): Promise<void> => {
    const voice = voices[by] as Voice;
    voice.pending++;
    try {
      await work();
    } finally {
      voice.pending--;
      if (voice.pending === 0 && (agreedAt === undefined || clock.now() - agreedAt <= graceMs)) slowness.prompt(by);
    }
  };
  /** Asks those that have reached a candidate which block it is. */
  const askForCandidates = (): void => {
    const heights = candidates();
    for (const [by, { top, asked, told }] of voices.entries()) {
      const missing = heights.filter((height) => top !== undefined && height <= top.height && !asked.has(height));
      if (missing.length === 0 || isDecided) continue;
      for (const height of missing) asked.add(height);
      void request(by, async () => {
        // A block that it has reached and cannot show has no voice of it.
        const headers = await (readers[by] as ChainReader).headers(missing).catch(() => []);
        for (const [i, height] of missing.entries()) {
          if (headers[i] !== undefined) told.set(height, headers[i]);
        }
      })
        .then(heard)
        .catch(reject);
    }
  };
  const heard = (): void => {
    askForCandidates();
    look();
    if (result === undefined) return;
    for (const [by, { told }] of voices.entries()) tellOther(by, told.get(result.height), result);
  };
  const askEach = async (by: number): Promise<void> => {
    const voice = voices[by] as Voice;
    await request(by, async () => {
      try {
        const top = assertAnswer(await ask(readers[by] as ChainReader));
        onReached(by, top);
        voice.top = top;
        voice.asked.add(top.height);
        voice.told.set(top.height, top);
      } catch (error) {
        abstentions.push({ by, error });
      }
    });
    heard();
  };
  for (const by of readers.keys()) askEach(by).catch(reject);
  return promise;
};
