import type { Statement } from '../domain/statement.ts';
import type { AskResult, Attestor } from './attestor.ts';

/** What an attestor is told of a statement: not what it says, only what it is about. */
export type Asked = Pick<Statement, 'question' | 'height' | 'packets'>;

interface Call {
  readonly asked: Asked;
  readonly result: Promise<AskResult>;
  /** Ends the wait for a free slot. */
  readonly waiting: AbortController;
  readonly calling: AbortController;
}

const isSame = (a: Asked, b: Asked): boolean =>
  a.question === b.question &&
  a.height === b.height &&
  a.packets.length === b.packets.length &&
  a.packets.every((packet, i) => packet === b.packets[i]);

const follow = (signal: AbortSignal, controller: AbortController): void => {
  if (signal.aborted) controller.abort(signal.reason);
  else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
};

/**
 * Questions put to attestors before it is known that their answers will be needed: while the chains are read, attestors
 * work already. What an answer is worth is judged later, by who takes it, and nothing hangs on one that nobody takes.
 */
export class AskedAhead {
  readonly #calls = new Map<Attestor, Call[]>();

  /** Asks those that have not failed of late. */
  ask(attestors: readonly Attestor[], questions: readonly Asked[]): void {
    for (const attestor of attestors) {
      if (attestor.breaker.state !== 'closed') continue;
      const calls = questions.map((asked): Call => {
        const waiting = new AbortController();
        const calling = new AbortController();
        return { asked, waiting, calling, result: attestor.ask(asked, waiting.signal, calling.signal) };
      });
      this.#calls.set(attestor, [...(this.#calls.get(attestor) ?? []), ...calls]);
    }
  }

  /**
   * The call that asks an attestor just this, once; from then on it ends with the taker's signals.
   * @returns undefined when there is none
   */
  take(attestor: Attestor, asked: Asked, waiting: AbortSignal, calling: AbortSignal): Promise<AskResult> | undefined {
    const calls = this.#calls.get(attestor) ?? [];
    const call = calls.find((each) => isSame(each.asked, asked));
    if (call === undefined) return undefined;
    calls.splice(calls.indexOf(call), 1);
    follow(waiting, call.waiting);
    follow(calling, call.calling);
    return call.result;
  }

  /** Gives up what nobody took. */
  end(): void {
    for (const { waiting, calling } of [...this.#calls.values()].flat()) {
      waiting.abort();
      calling.abort();
    }
    this.#calls.clear();
  }
}
