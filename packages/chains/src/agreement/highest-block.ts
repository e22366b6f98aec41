import type { BlockHeader, ChainReader, Clock } from '../ports.ts';
import { assertAnswer, assertHeaders } from './answers.ts';
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
  /** Below that height it is worth to wait longer, for the slow ones as well: enough endpoints once were as far. */
  readonly floor?: bigint | undefined;
}

/** How many times the grace is waited for what lies below the floor. */
const FLOOR_PATIENCE = 4;

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
  /** Whether it was prompt in this election. */
  isPrompt: boolean;
}

/**
 * The highest block that enough endpoints have reached, as enough of those have it: only who has reached a block may say
 * which one it is, since another may be on a branch that will be given up. Each answer is looked at as it comes: a block is
 * taken at once when it is high enough; otherwise those that could raise it are waited for, for a moment, unless they are
 * known to be slow.
 */
export const electHighest = (
  deps: HighestBlockDeps,
  { what, ask, enough, floor = -1n }: HighestBlockQuestion,
): Promise<BlockHeader> => {
  const { readers, electorate, clock, graceMs, slowness, onReached, tellOther } = deps;
  const { required } = electorate;
  const voices = readers.map(
    (): Voice => ({ top: undefined, told: new Map(), asked: new Set(), pending: 0, isPrompt: false }),
  );
  const abstentions: Abstention[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<BlockHeader>();
  const timer = new AbortController();
  let isDecided = false;
  let result: Header;
  let agreedAt: number | undefined;
  /** How often the grace has passed since enough agreed on some block. */
  let graces = 0;
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

  const look = (): void => {
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
    const isLow = best.height < floor;
    const isEnough = enough !== undefined && best.height >= enough;
    const isOver = graces >= (isLow ? FLOOR_PATIENCE : 1);
    const isWaiting = voices.some((voice, by) => isPending(voice) && (isLow || !slowness.isSlow(by)));
    if (!isOver && !isEnough && isWaiting) {
      if (!isTimed) void passGraces();
      isTimed = true;
      return;
    }
    isDecided = true;
    result = best;
    timer.abort();
    resolve(best);
  };

  const passGraces = async (): Promise<void> => {
    const signal = AbortSignal.any([timer.signal, deps.ended]);
    for (let passed = 1; passed <= FLOOR_PATIENCE && !isDecided; passed++) {
      await clock.sleep(graceMs, signal).catch(() => {});
      if (isDecided) return;
      graces = deps.ended.aborted ? FLOOR_PATIENCE : passed;
      for (const [by, voice] of voices.entries()) if (isPending(voice)) slowness.late(by);
      look();
    }
  };

  const request = async (by: number, work: () => Promise<void>): Promise<void> => {
    const voice = voices[by] as Voice;
    voice.pending++;
    try {
      await work();
    } finally {
      voice.pending--;
      const isInTime = agreedAt === undefined || clock.now() - agreedAt <= graceMs;
      if (voice.pending === 0 && isInTime && !voice.isPrompt) {
        voice.isPrompt = true;
        slowness.prompt(by);
      }
    }
  };
  /** A block that an endpoint has reached and cannot show has no voice of it. */
  const showBlock = async (by: number, height: bigint): Promise<readonly Header[]> => {
    try {
      return assertHeaders([height], await (readers[by] as ChainReader).headers([height]));
    } catch {
      return [];
    }
  };
  /** Asks those that have reached a candidate which block it is. */
  const askForCandidates = (): void => {
    const heights = candidates();
    for (const [by, { top, asked, told }] of voices.entries()) {
      if (top === undefined || isDecided) continue;
      for (const height of heights) {
        if (height > top.height || asked.has(height)) continue;
        asked.add(height);
        // Each for itself: one may claim a height so low that an honest node no longer keeps the block.
        void request(by, async () => {
          const [header] = await showBlock(by, height);
          if (header !== undefined) told.set(height, header);
        })
          .then(heard)
          .catch(reject);
      }
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
