import assert from 'node:assert/strict';
import { ChainError, type ChainErrorCode } from '../../src/errors.ts';

/** Asserts that a promise fails with a ChainError of this code, and returns it. */
export const rejectsWith = async (work: Promise<unknown>, code: ChainErrorCode): Promise<ChainError> => {
  let caught: unknown;
  await work.then(
    () => assert.fail(`expected ${code}, nothing failed`),
    (error: unknown) => {
      caught = error;
    },
  );
  if (!(caught instanceof ChainError)) throw caught;
  assert.equal(caught.code, code, caught.message);
  return caught;
};
