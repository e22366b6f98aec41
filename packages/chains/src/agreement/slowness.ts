/** Prompt answers in a row until an endpoint that was late is waited for again. */
const PROBATION = 3;

/** Which endpoints were late when they were waited for: nobody waits for them until they have been prompt for a while. */
export class Slowness {
  readonly #left = new Map<number, number>();

  isSlow(by: number): boolean {
    return this.#left.has(by);
  }

  late(by: number): void {
    this.#left.set(by, PROBATION);
  }

  prompt(by: number): void {
    const left = this.#left.get(by);
    if (left === undefined) return;
    if (left === 1) this.#left.delete(by);
    else this.#left.set(by, left - 1);
  }
}
