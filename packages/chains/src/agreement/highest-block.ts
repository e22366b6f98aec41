import type { BlockHeader, ChainReader, Clock } from '../ports.ts';
import { assertAnswer, assertHeaders } from './answers.ts';
import type { Abstention, Vote } from './ballot.ts';
import { agreedError, disagreement, type Electorate, tooFew } from './failure.ts';
import { describeHeader, type Header, type HeaderTally, highestFirst, tallyHeaders } from './headers.ts';
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
  readonly told: Map<bigint, BlockHeader>;
  /** Heights that it was asked for. */
  readonly asked: Set<bigint>;
  /** Requests on their way to it. */
  pending: number;
  /** Whether it was prompt in this election. */
  isPrompt: boolean;
}

const isPending = ({ pending }: Voice): boolean => pending > 0;

class Election {
  readonly #deps: HighestBlockDeps;
  readonly #question: HighestBlockQuestion;
  readonly #voices: readonly Voice[];
  readonly #abstentions: Abstention[] = [];
  readonly #outcome = Promise.withResolvers<BlockHeader>();
  readonly #waiting = new AbortController();
  #isDecided = false;
  #result: Header;
  /** When enough first agreed on some block. */
  #agreedAt: number | undefined;
  /** How often the grace has passed since somebody was waited for. */
  #graces = 0;
  #passing: Promise<void> | undefined;

  constructor(deps: HighestBlockDeps, question: HighestBlockQuestion) {
    this.#deps = deps;
    this.#question = question;
    this.#voices = deps.readers.map(
      (): Voice => ({ top: undefined, told: new Map(), asked: new Set(), pending: 0, isPrompt: false }),
    );
  }

  run(): Promise<BlockHeader> {
    for (const by of this.#voices.keys()) this.#follow(this.#askHowFar(by));
    return this.#outcome.promise;
  }

  /** Looks again at all that was said once more of it is there. */
  #follow(request: Promise<void>): void {
    request.then(() => this.#heard()).catch(this.#outcome.reject);
  }

  #heard(): void {
    this.#askForCandidates();
    this.#look();
    const right = this.#result;
    if (right === undefined) return;
    for (const [by, { told }] of this.#voices.entries()) this.#deps.tellOther(by, told.get(right.height), right);
  }

  /** Heights that enough have reached, the highest first. */
  #candidates(): readonly bigint[] {
    const tops = highestFirst(this.#voices.flatMap(({ top }) => top?.height ?? []));
    return [...new Set(tops.slice(this.#deps.electorate.required - 1))];
  }

  #tally(height: bigint): HeaderTally {
    const votes = this.#voices.flatMap(({ told }, by): Vote<Header>[] => {
      const value = told.get(height);
      return value === undefined ? [] : [{ by, value }];
    });
    return tallyHeaders(votes, this.#deps.electorate.required);
  }

  #look(): void {
    if (this.#isDecided) return;
    const best = this.#candidates()
      .map((height) => this.#tally(height).agreed)
      .find((header) => header !== undefined);
    if (best === undefined) {
      const error = this.#failure();
      this.#isDecided = error !== undefined;
      if (this.#isDecided) this.#outcome.reject(error);
      return;
    }
    this.#agreedAt ??= this.#deps.clock.now();
    if (this.#isWorthWaiting(best)) {
      this.#passing ??= this.#passGraces();
      return;
    }
    this.#isDecided = true;
    this.#result = best;
    this.#waiting.abort();
    this.#outcome.resolve(best);
  }

  #isWorthWaiting({ height }: BlockHeader): boolean {
    const { enough, floor = -1n } = this.#question;
    if (enough !== undefined && height >= enough) return false;
    const isLow = height < floor;
    if (this.#graces >= (isLow ? FLOOR_PATIENCE : 1)) return false;
    return this.#voices.some((voice, by) => isPending(voice) && (isLow || !this.#deps.slowness.isSlow(by)));
  }

  async #passGraces(): Promise<void> {
    const { clock, graceMs, ended, slowness } = this.#deps;
    const signal = AbortSignal.any([this.#waiting.signal, ended]);
    while (!this.#isDecided) {
      await clock.sleep(graceMs, signal).catch(() => {});
      if (this.#isDecided) return;
      this.#graces = ended.aborted ? FLOOR_PATIENCE : this.#graces + 1;
      for (const [by, voice] of this.#voices.entries()) if (isPending(voice)) slowness.late(by);
      this.#look();
    }
  }

  /** Why there is no block; undefined while there may be one. */
  #failure(): unknown {
    const { electorate } = this.#deps;
    const error = agreedError(electorate, this.#abstentions);
    if (error !== undefined) return error;
    const possible = this.#voices.filter((voice) => voice.top !== undefined || isPending(voice)).length;
    if (possible < electorate.required) return tooFew(electorate, this.#abstentions);
    if (this.#voices.some(isPending)) return undefined;
    const [highest = 0n] = this.#candidates();
    const { groups } = this.#tally(highest);
    return groups.length > 1
      ? disagreement(electorate, `${this.#question.what} ${highest}`, groups, describeHeader)
      : tooFew(electorate, this.#abstentions);
  }

  async #askHowFar(by: number): Promise<void> {
    const voice = this.#voices[by] as Voice;
    await this.#request(by, async (reader) => {
      try {
        const top = assertAnswer(await this.#question.ask(reader));
        this.#deps.onReached(by, top);
        voice.top = top;
        voice.asked.add(top.height);
        voice.told.set(top.height, top);
      } catch (error) {
        this.#abstentions.push({ by, error });
      }
    });
  }

  /** Asks those that have reached a candidate which block it is. */
  #askForCandidates(): void {
    if (this.#isDecided) return;
    const heights = this.#candidates();
    for (const [by, { top, asked }] of this.#voices.entries()) {
      for (const height of heights) {
        if (top === undefined || height > top.height || asked.has(height)) continue;
        asked.add(height);
        // Each for itself: one may claim a height so low that an honest node no longer keeps the block.
        this.#follow(this.#askWhich(by, height));
      }
    }
  }

  async #askWhich(by: number, height: bigint): Promise<void> {
    await this.#request(by, async (reader) => {
      try {
        const [header] = assertHeaders([height], await reader.headers([height]));
        if (header !== undefined) this.#voices[by]?.told.set(height, header);
      } catch {
        // A block that it has reached and cannot show has no voice of it.
      }
    });
  }

  /** @param work never fails: what it meets it writes down */
  async #request(by: number, work: (reader: ChainReader) => Promise<void>): Promise<void> {
    const { readers, clock, graceMs, slowness } = this.#deps;
    const voice = this.#voices[by] as Voice;
    voice.pending++;
    await work(readers[by] as ChainReader);
    voice.pending--;
    const isInTime = this.#agreedAt === undefined || clock.now() - this.#agreedAt <= graceMs;
    if (voice.pending === 0 && isInTime && !voice.isPrompt) {
      voice.isPrompt = true;
      slowness.prompt(by);
    }
  }
}

/**
 * The highest block that enough endpoints have reached, as enough of those have it: only who has reached a block may say
 * which one it is, since another may be on a branch that will be given up. Each answer is looked at as it comes: a block is
 * taken at once when it is high enough; otherwise those that could raise it are waited for, for a moment, unless they are
 * known to be slow.
 */
export const electHighest = (deps: HighestBlockDeps, question: HighestBlockQuestion): Promise<BlockHeader> =>
  new Election(deps, question).run();
