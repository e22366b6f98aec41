import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GuardStatement } from '@interchain-attestation/guard';
import fc from 'fast-check';
import { BASES, step } from './support/arbitraries.ts';
import { contradiction } from './support/contradiction.ts';
import { drive } from './support/driver.ts';
import { word } from './support/fixture.ts';
import { Model } from './support/model.ts';

const { GUARD_MODEL_RUNS = '40' } = process.env;
const RUNS = Number(GUARD_MODEL_RUNS);
const REFUSALS = new Set(['ok', 'stopped', 'below-floor', 'disputed-timeout', 'cleared-record', 'not-attestable']);

/** All rules of conflict are one word to the model. */
const plain = (verdict: string): string => (REFUSALS.has(verdict) ? verdict : 'conflict');

describe('whatever happens to a guard', () => {
  for (const base of BASES) {
    test(`it says what the plain model says, from height ${base}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step(base, false), { minLength: 1, maxLength: 14 }), async (steps) => {
          const model = new Model();
          await drive(steps, {}, (one, verdicts) => {
            if (one.do === 'clear') model.clear(one.putAside);
            if (one.do !== 'record') return;
            const expected = one.statements.map((statement) => model.record(statement));
            assert.deepEqual(
              verdicts.map((verdict) => plain(word(verdict))),
              expected,
            );
          });
        }),
        { numRuns: RUNS },
      );
    });
  }

  test('no two statements that it let pass contradict each other, with the tightest limits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...BASES).chain((base) => fc.array(step(base, true), { minLength: 4, maxLength: 20 })),
        fc.record({
          reorgWindow: fc.integer({ min: 1, max: 3 }),
          maxBlocks: fc.integer({ min: 1, max: 4 }),
          maxAbsences: fc.integer({ min: 1, max: 2 }),
        }),
        async (steps, limits) => {
          const signed: GuardStatement[] = [];
          await drive(steps, limits, (one, verdicts) => {
            if (one.do !== 'record') return;
            one.statements.forEach((statement, i) => {
              if (verdicts[i]?.ok !== true) return;
              for (const earlier of signed) assert.equal(contradiction(earlier, statement), undefined);
              signed.push(statement);
            });
          });
        },
      ),
      { numRuns: RUNS * 2 },
    );
  });
});
