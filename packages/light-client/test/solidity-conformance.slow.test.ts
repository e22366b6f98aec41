import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type LightClient, type Policy, type ProofCheck, solidityPolicy } from '@interchain-attestation/light-client';
import { type Anvil, startAnvil } from '../conformance/solidity/anvil.ts';
import type { TwinClient } from '../conformance/solidity/clients.ts';
import { compareConstructors } from '../conformance/solidity/constructors.ts';
import { findDifference, nameOutcome, type ProbedCase, probeContract } from '../conformance/solidity.ts';

const CASES = 400;
const { order, signatures } = solidityPolicy;

/** Neighbours in the order of checks, where both still get what they need when swapped. */
const SWAPPED: readonly (readonly [ProofCheck, ProofCheck])[] = [
  ['not-frozen', 'authorized'],
  ['authorized', 'value-present'],
  ['value-present', 'path-length'],
  ['path-length', 'consensus-state'],
  ['consensus-state', 'verified-here'],
  ['verified-here', 'decode-proof'],
  ['signatures', 'decode-packets'],
  ['height', 'decode-value'],
  ['decode-value', 'packets-present'],
  ['packets-present', 'scan'],
];

const swap = (checks: readonly ProofCheck[], first: ProofCheck, second: ProofCheck): ProofCheck[] =>
  checks.map((check) => (check === first ? second : check === second ? first : check));

/** Policies with one rule changed. The suite must notice each: what it cannot notice, it does not test. */
const OTHER_POLICIES: Readonly<Record<string, Policy>> = {
  'high s is taken': {
    ...solidityPolicy,
    signatures: { ...signatures, rules: { ...signatures.rules, acceptHighS: true } },
  },
  'v of 0 and 1 is taken': {
    ...solidityPolicy,
    signatures: { ...signatures, rules: { ...signatures.rules, acceptRawRecoveryId: true } },
  },
  'strangers are taken': { ...solidityPolicy, signatures: { ...signatures, signerChecks: ['distinct'] } },
  'doubles are taken': { ...solidityPolicy, signatures: { ...signatures, signerChecks: ['known'] } },
  'every entry decides an absence': { ...solidityPolicy, absenceDecidedBy: 'every-match' },
  'empty proofs are refused': { ...solidityPolicy, emptyFollowUpProofs: false },
  'a repeated update counts': { ...solidityPolicy, repeatedUpdate: 'Update' },
  'timestamp zero is a timestamp': { ...solidityPolicy, zeroTimestampIsUnset: false },
  nanoseconds: {
    ...solidityPolicy,
    toConsensusTimestamp: (timestampSec) => (timestampSec * 1_000_000_000n) & 0xffffffffffffffffn,
  },
  'a value has exactly 32 bytes': {
    ...solidityPolicy,
    decode: { ...solidityPolicy.decode, value: (bytes) => (bytes.length === 32 ? bytes : undefined) },
  },
  ...Object.fromEntries(
    (['not-frozen', 'authorized', 'signatures', 'state-nonzero'] as const).map((check) => [
      `updates without ${check}`,
      { ...solidityPolicy, order: { ...order, update: order.update.filter((name) => name !== check) } },
    ]),
  ),
  ...Object.fromEntries(
    SWAPPED.map(([first, second]) => [
      `${first} after ${second}`,
      { ...solidityPolicy, order: { ...order, membership: swap(order.membership, first, second) } },
    ]),
  ),
};

describe('the Solidity contract and the state machine', () => {
  let anvil: Anvil;
  const probed: ProbedCase[] = [];

  before(async () => {
    anvil = await startAnvil();
    for await (const one of probeContract(anvil, '1', CASES)) probed.push(one);
  });
  after(() => anvil.stop());

  test('give the same verdict, the same error and the same state for every proof', () => {
    const differences = probed.map((one) => findDifference(one)).filter((text) => text !== undefined);
    assert.deepEqual(differences, []);
    assert.ok(probed.length > CASES);
  });

  test('take and refuse the same first states', async () => {
    assert.deepEqual(await compareConstructors(anvil), []);
  });

  test('are compared on every outcome there is', () => {
    const outcomes = new Set(probed.flatMap(({ calls, got }) => calls.map((call, i) => nameOutcome(call, got[i]))));
    const common = [
      ...['AccessControlUnauthorizedAccount', 'DuplicateSigner', 'ECDSAInvalidSignature', 'ECDSAInvalidSignatureS'],
      ...['EmptySignatures', 'FrozenClientState', 'InvalidSignatureLength', 'ThresholdNotMet', 'UnknownSigner'],
      'revert without data',
    ];
    const proofs = [
      ...['success', 'ConsensusTimestampNotFound', 'EmptyPackets', 'HeightMismatch', 'InvalidPathLength'],
      ...['NotMember', 'NotVerifiedInTransaction'],
    ];
    const expected = [
      ...[...common, 'Update', 'NoOp', 'Misbehaviour', 'InvalidState'].map((name) => `updateClient: ${name}`),
      ...[...common, ...proofs, 'EmptyValue'].map((name) => `verifyMembership: ${name}`),
      ...[...common, ...proofs, 'NotNonMember'].map((name) => `verifyNonMembership: ${name}`),
      ...['AccessControlUnauthorizedAccount', 'FrozenClientState', 'FeatureNotSupported'].map(
        (name) => `misbehaviour: ${name}`,
      ),
    ];
    assert.deepEqual([...outcomes].sort(), expected.sort());
  });

  for (const [name, policy] of Object.entries(OTHER_POLICIES)) {
    test(`are told apart when ${name}`, () => {
      const models = new Map<TwinClient, LightClient>();
      const modelOf = (twin: TwinClient): LightClient => {
        const model = models.get(twin) ?? twin.modelWith(policy);
        models.set(twin, model);
        return model;
      };
      assert.ok(probed.some((one) => findDifference(one, modelOf(one.twin)) !== undefined));
    });
  }
});
