import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createAttestorSet,
  encodeStateAttestation,
  privateKeyToAddress,
  signDigest,
  signingDigest,
} from '@interchain-attestation/core';
import fc from 'fast-check';
import { printable } from '../src/attestors/failure.ts';
import { Slots } from '../src/attestors/slots.ts';
import { Breaker } from '../src/domain/breaker.ts';
import type { RawAnswer } from '../src/domain/judge.ts';
import { stateStatement } from '../src/domain/statement.ts';
import { Tally } from '../src/domain/tally.ts';
import { testKey } from './support/test-attestor.ts';

const KEYS = Array.from({ length: 7 }, (_, i) => testKey(i));
/** Members are the first five; the last two are strangers. */
const SET = createAttestorSet(
  KEYS.slice(0, 5).map((key) => privateKeyToAddress(key)),
  3,
);
const statement = stateStatement(10n, 1_000n);

const answerOf = (key: number, timestampSec: bigint, height = 10n): RawAnswer => {
  const attestedData = encodeStateAttestation({ height, timestampSec });
  const signature = signDigest(signingDigest('state', attestedData), KEYS[key] ?? new Uint8Array());
  return { height: 10n, attestedData, signature };
};

describe('tally', () => {
  const answer = fc.record({
    key: fc.nat(6),
    timestampSec: fc.constantFrom(1_000n, 1_000n, 1_000n, 1_001n),
    height: fc.constantFrom(10n, 10n, 10n, 11n),
    damage: fc.option(fc.record({ at: fc.nat(64), bit: fc.nat(7) }), { freq: 4 }),
  });

  test('whatever arrives, a quorum is m distinct members over the exact bytes', () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 12 }), (answers) => {
        const tally = new Tally(statement, SET);
        const honest = new Set<number>();
        for (const [i, { key, timestampSec, height, damage }] of answers.entries()) {
          const raw = answerOf(key, timestampSec, height);
          if (damage) raw.signature[damage.at] = (raw.signature[damage.at] ?? 0) ^ (1 << damage.bit);
          const { verdict } = tally.add(`attestor-${i}`, raw);
          const isGood = key < 5 && timestampSec === 1_000n && height === 10n && !damage;
          if (isGood && !honest.has(key)) {
            assert.equal(verdict, 'good');
            honest.add(key);
          } else {
            assert.notEqual(verdict, 'good');
          }
        }
        assert.equal(tally.goodCount, honest.size);
        assert.equal(tally.reached, honest.size >= 3);
        const signers = tally.quorum.map(({ signer }) => signer);
        assert.equal(new Set(signers).size, Math.min(3, honest.size));
        assert.ok(signers.every((signer) => SET.indexOf(signer) !== undefined));
      }),
      { numRuns: 150 },
    );
  });

  test('one attestor counts once, with whatever keys it answers', () => {
    const tally = new Tally(statement, SET);
    assert.equal(tally.add('same', answerOf(0, 1_000n)).verdict, 'good');
    assert.equal(tally.add('same', answerOf(1, 1_000n)).verdict, 'dropped');
    assert.equal(tally.goodCount, 1);
  });

  test('rivals are grouped by what they signed', () => {
    const tally = new Tally(statement, SET);
    for (const key of [0, 1]) tally.add(`a${key}`, answerOf(key, 1_001n));
    tally.add('a2', answerOf(2, 1_002n));
    assert.equal(
      tally.rivals.some(({ signatures }) => signatures.length > 2),
      false,
    );
    tally.add('a3', answerOf(3, 1_001n));
    assert.equal(tally.rivalQuorum?.signatures.length, 3);
    assert.equal(tally.rivals.length, 2);
  });
});

describe('circuit breaker', () => {
  test('opens after failures in a row, lets one probe through, and doubles its pause', () => {
    let now = 0;
    const breaker = new Breaker({ failures: 3, openMs: 100, maxOpenMs: 300 }, () => now);
    breaker.failure();
    breaker.failure();
    breaker.success();
    for (let i = 0; i < 5; i++) breaker.failure();
    assert.equal(breaker.state, 'open');
    assert.equal(breaker.tryPass(), false);
    now = 100;
    assert.equal(breaker.state, 'half-open');
    assert.equal(breaker.tryPass(), true);
    assert.equal(breaker.tryPass(), false, 'one probe at a time');
    breaker.failure();
    now = 299;
    assert.equal(breaker.state, 'open');
    now = 300;
    assert.equal(breaker.tryPass(), true);
    breaker.failure();
    now = 599;
    assert.equal(breaker.state, 'open', 'never longer than the limit');
    now = 600;
    assert.equal(breaker.tryPass(), true);
    breaker.abandon();
    assert.equal(breaker.tryPass(), true, 'a cancelled probe says nothing');
    breaker.success();
    assert.equal(breaker.state, 'closed');
  });
});

describe('slots', () => {
  test('those that wait leave with their signal, and hold nothing then', async () => {
    const slots = new Slots(1);
    const never = new AbortController();
    const leaver = new AbortController();
    assert.equal(await slots.take(never.signal), true);
    const left = slots.take(leaver.signal);
    const next = slots.take(never.signal);
    assert.equal(slots.waiting, 2);
    leaver.abort();
    assert.equal(await left, false);
    slots.give();
    assert.equal(await next, true);
    assert.equal(slots.waiting, 0);
    slots.give();
    assert.equal(await slots.take(never.signal), true);
    assert.equal(await slots.take(leaver.signal), false);
  });
});

describe('text of attestors', () => {
  test('is cut and cleaned before it reaches a log or a caller', () => {
    const nasty = `\u001b[31mred\n{"level":"fatal"}\u0000${'x'.repeat(10_000)}`;
    const clean = printable(nasty);
    assert.ok(clean.length < 200);
    assert.doesNotMatch(clean, /[^\x20-\x7e]/);
  });
});
