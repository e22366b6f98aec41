import assert from 'node:assert/strict';
import { after } from 'node:test';
import { ProofApiError } from '../../src/index.ts';
import { type Harness, type HarnessOptions, startHarness } from './harness.ts';

/** Starts harnesses that are closed when the suite ends. */
export const withHarness = (defaults: HarnessOptions): ((options?: HarnessOptions) => Promise<Harness>) => {
  const started: Harness[] = [];
  after(async () => {
    for (const each of started) await each.close();
  });
  return async (options = {}) => {
    const harness = await startHarness({ ...defaults, ...options });
    started.push(harness);
    return harness;
  };
};

/** For assert.rejects: an error of this package with a code, and words in its message. */
export const failsWith =
  (code: string, ...texts: readonly RegExp[]) =>
  (error: unknown): true => {
    assert.ok(error instanceof ProofApiError, String(error));
    assert.equal(error.code, code, error.message);
    for (const text of texts) assert.match(error.message, text);
    return true;
  };

/** The transaction of a response of the service. */
export const txOf = (response: object): Uint8Array => {
  assert.ok('tx' in response && response.tx instanceof Uint8Array);
  return response.tx;
};
