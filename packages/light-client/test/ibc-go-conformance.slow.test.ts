import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { goProgram, type OracleClient, skipWithout, startOracle } from '@interchain-attestation/go-tools';
import type { Policy, ProofCheck, UpdateCheck } from '@interchain-attestation/light-client';
import { DIFFERENCES } from '../conformance/ibc-go/differences.ts';
import { POLICIES, runModel } from '../conformance/ibc-go/model.ts';
import { askOracle } from '../conformance/ibc-go/oracle.ts';
import { type AnsweredCase, answerCases, findDifference, nameOutcomes } from '../conformance/ibc-go.ts';

const CASES = 5_000;
const oracleProgram = await goProgram('ibc-go-oracle');
const skip = skipWithout(oracleProgram);

type Change = (policy: Policy) => Policy;

const withSignatures =
  (signatures: Partial<Policy['signatures']>): Change =>
  (policy) => ({ ...policy, signatures: { ...policy.signatures, ...signatures } });

const withRules = (rules: Partial<Policy['signatures']['rules']>): Change => {
  return (policy) => withSignatures({ rules: { ...policy.signatures.rules, ...rules } })(policy);
};

const swap = <T>(checks: readonly T[], first: T, second: T): T[] =>
  checks.map((check) => (check === first ? second : check === second ? first : check));

const withUpdateOrder =
  (change: (order: readonly UpdateCheck[]) => readonly UpdateCheck[]): Change =>
  (policy) => ({ ...policy, order: { ...policy.order, update: change(policy.order.update) } });

const withProofOrder =
  (change: (order: readonly ProofCheck[]) => readonly ProofCheck[]): Change =>
  (policy) => ({
    ...policy,
    order: {
      ...policy.order,
      membership: change(policy.order.membership),
      nonMembership: change(policy.order.nonMembership),
    },
  });

/** Neighbours in the order of checks whose order shows in the code that is returned. */
const SWAPPED_PROOF_CHECKS: readonly (readonly [ProofCheck, ProofCheck])[] = [
  ['client-active', 'not-frozen'],
  ['not-frozen', 'path-present'],
  ['path-present', 'value-present'],
  ['value-present', 'consensus-state'],
  ['consensus-state', 'decode-proof'],
  ['signatures', 'decode-packets'],
  ['height', 'packets-present'],
  ['packets-present', 'path-element'],
  ['path-element', 'decode-value'],
];

/** Rules changed one at a time. The suite must notice each: what it cannot notice, it does not test. */
const CHANGES: Readonly<Record<string, Change>> = {
  'high s is refused': withRules({ acceptHighS: false }),
  'v of 0 and 1 is refused': withRules({ acceptRawRecoveryId: false }),
  'v of 2 and 3 is refused': withRules({ acceptOverflowedR: false }),
  'strangers are taken': withSignatures({ signerChecks: ['distinct'] }),
  'doubles are taken': withSignatures({ signerChecks: ['known'] }),
  'the first entry decides an absence': (policy) => ({ ...policy, absenceDecidedBy: 'first-match' }),
  'timestamps do not wrap': (policy) => ({
    ...policy,
    toConsensusTimestamp: (timestampSec) => {
      const timestamp = timestampSec * 1_000_000_000n;
      return timestamp > 2n ** 64n - 1n ? 2n ** 64n - 1n : timestamp;
    },
  }),
  'timestamp zero is none': (policy) => ({ ...policy, zeroTimestampIsUnset: true }),
  'a value may be longer': (policy) => ({
    ...policy,
    decode: { ...policy.decode, value: (bytes) => (bytes.length < 32 ? undefined : bytes.subarray(0, 32)) },
  }),
  'a repeated update is not written': (policy) => ({ ...policy, repeatedUpdate: 'NoOp' }),
  'revisions are not looked at': (policy) => ({
    ...policy,
    codec: { ...policy.codec, consensusStateKey: (height) => `consensusStates/0-${height}` },
  }),
  'a frozen client is updated': withUpdateOrder((order) =>
    order.filter((check) => check !== 'not-frozen' && check !== 'client-active'),
  ),
  'messages are not looked at as such': withUpdateOrder((order) => order.filter((check) => check !== 'message-basic')),
  'an unsigned update is taken': withUpdateOrder((order) => order.filter((check) => check !== 'signatures')),
  'the state comes before the message': withUpdateOrder((order) => swap(order, 'message-basic', 'not-frozen')),
  ...Object.fromEntries(
    SWAPPED_PROOF_CHECKS.map(([first, second]) => [
      `${first} comes after ${second}`,
      withProofOrder((order) => swap(order, first, second)),
    ]),
  ),
};

describe('ibc-go and the state machine', () => {
  let oracle: OracleClient;
  const answered: AnsweredCase[] = [];

  before(async () => {
    if ('missing' in oracleProgram) return;
    oracle = startOracle(oracleProgram.path);
    for await (const one of answerCases(oracle, '1', CASES)) answered.push(one);
  });
  after(() => oracle?.close());

  test('give the same verdict, code, codespace and store for every proof', { skip }, () => {
    const differences = answered.map((one) => findDifference(one)).filter((text) => text !== undefined);
    assert.deepEqual(differences, []);
    assert.ok(answered.length > CASES);
  });

  test('differ where they ought to, and nowhere else', { skip }, async () => {
    for (const { shownBy, ibcGo, model } of DIFFERENCES) {
      assert.deepEqual((await askOracle(oracle, shownBy)).results, ibcGo, shownBy.name);
      assert.deepEqual(runModel(shownBy).results, model, shownBy.name);
    }
  });

  test('are compared on every outcome there is', { skip }, () => {
    const outcomes = new Set(answered.flatMap(nameOutcomes));
    const signatures = [3, 4, 5, 6].map((code) => `attestations/${code}`);
    const missing = ['client/4', 'client/29', 'attestations/10'];
    const proofs = ['ok', 'client/7', ...[2, 7, 8, 11, 12].map((code) => `attestations/${code}`)];
    const expected = [
      ...['ok', 'Misbehaviour', 'panic', 'sdk/2', 'client/12', ...signatures, ...missing].map(
        (name) => `update: ${name}`,
      ),
      ...[...proofs, ...signatures, ...missing, 'attestations/13'].map((name) => `verifyMembership: ${name}`),
      ...[...proofs, ...signatures, ...missing, 'attestations/17'].map((name) => `verifyNonMembership: ${name}`),
      ...['ok', 'client/3', 'client/8'].map((name) => `initialize: ${name}`),
      ...['status: ok', 'latestHeight: ok', 'timestampAtHeight: ok', 'timestampAtHeight: client/7'],
      ...['recover: ibc/8', 'upgrade: client/25'],
    ];
    assert.deepEqual([...outcomes].sort(), expected.sort());
  });

  for (const [name, change] of Object.entries(CHANGES)) {
    test(`are told apart when ${name}`, { skip }, () => {
      const policies = { module: change(POLICIES.module), core: change(POLICIES.core) };
      assert.ok(
        answered.some((one) => findDifference(one, policies[one.level]) !== undefined),
        'no case shows this rule',
      );
    });
  }
});
