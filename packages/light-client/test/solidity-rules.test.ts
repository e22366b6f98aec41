import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bytesToHex,
  concatBytes,
  encodeAttestationProof,
  encodePacketAttestation,
  encodeStateAttestation,
  keccak256,
} from '@interchain-attestation/core';
import {
  createLightClient,
  createMemoryStore,
  deployedSolidityPolicy,
  type LightClient,
  type MembershipProof,
  type Policy,
  PROOF_SUBMITTER_ROLE,
  solidityPolicy,
} from '@interchain-attestation/light-client';
import { attestor, attestors, entry, packetProof, rawPath, sign, stateProof, word, ZERO_WORD } from './support.ts';

// The Solidity column of wire-format.md section 3, row by row. That the contract itself does the same is what
// solidity-conformance.slow.test.ts shows.

const set = attestors(5);
const quorum = set.slice(0, 3);
const HEIGHT = 100n;
const TIME = 1_700_000_000n;
const NO_BYTES = new Uint8Array(0);

const newClient = (policy: Policy = solidityPolicy): LightClient => {
  const client = createLightClient({ policy, store: createMemoryStore() });
  const attestorAddresses = set.map(({ address }) => address);
  assert.deepEqual(
    client.initialize({ attestors: attestorAddresses, minRequiredSigs: 3, height: HEIGHT, timestampSec: TIME }),
    { ok: true },
  );
  return client;
};

const frozenClient = (): LightClient => {
  const client = newClient();
  const verdict = client.updateClient(stateProof(HEIGHT, TIME + 1n, quorum));
  assert.ok(verdict.ok && verdict.result === 'Misbehaviour');
  return client;
};

const membership = (changes: Partial<MembershipProof> = {}): MembershipProof => ({
  proof: packetProof(HEIGHT, [entry('a', word('a')), entry('none', ZERO_WORD)], quorum),
  height: HEIGHT,
  path: [rawPath('a')],
  value: word('a'),
  ...changes,
});
const absence = (changes: Partial<MembershipProof> = {}): MembershipProof =>
  membership({ path: [rawPath('none')], ...changes });

interface Expected {
  readonly code: string;
  readonly errorName: string | null;
  readonly args?: readonly unknown[];
}

const assertRejected = (verdict: { readonly ok: boolean }, { code, errorName, args = [] }: Expected): void => {
  assert.ok(!verdict.ok);
  const {
    code: gotCode,
    errorName: gotName,
    args: gotArgs,
    message,
  } = verdict as unknown as Expected & { message: string };
  assert.deepEqual([gotCode, gotName, gotArgs], [code, errorName, args]);
  assert.ok(message.length > 0);
};

describe('updates', () => {
  test('of a new height are written, higher or lower', () => {
    const client = newClient();
    for (const [height, latest] of [
      [105n, 105n],
      [90n, 105n],
    ] as const) {
      const verdict = client.updateClient(stateProof(height, TIME + height, quorum));
      assert.deepEqual(verdict, { ok: true, result: 'Update', attested: { height, timestampSec: TIME + height } });
      assert.equal(client.latestHeight(), latest);
      assert.equal(client.timestampAtHeight(height), TIME + height);
    }
  });

  test('of a known height are nothing new when equal, and misbehaviour when not', () => {
    const client = newClient();
    const same = client.updateClient(stateProof(HEIGHT, TIME, quorum));
    assert.ok(same.ok && same.result === 'NoOp');
    assert.equal(client.status(), 'Active');
    const other = client.updateClient(stateProof(HEIGHT, TIME + 1n, quorum));
    assert.ok(other.ok && other.result === 'Misbehaviour');
    assert.equal(client.status(), 'Frozen');
    assert.equal(client.timestampAtHeight(HEIGHT), TIME);
  });

  test('with height or timestamp zero are invalid', () => {
    const client = newClient();
    for (const [height, time] of [
      [0n, 5n],
      [5n, 0n],
      [0n, 0n],
    ] as const) {
      const verdict = client.updateClient(stateProof(height, time, quorum));
      assertRejected(verdict, { code: 'state-invalid', errorName: 'InvalidState', args: [height, time] });
    }
  });

  test('may be in two steps, as a chain that asks about misbehaviour first takes them', () => {
    const client = newClient();
    const verdict = client.verifyClientMessage(stateProof(101n, TIME, quorum));
    assert.ok(verdict.ok);
    assert.equal(client.checkForMisbehaviour(verdict.attested), false);
    assert.equal(client.timestampAtHeight(101n), undefined);
    assert.equal(client.updateState(verdict.attested), 'Update');
    assert.equal(client.updateState(verdict.attested), 'NoOp');
    assert.equal(client.checkForMisbehaviour({ height: 101n, timestampSec: TIME + 1n }), true);
    client.updateStateOnMisbehaviour();
    assert.equal(client.status(), 'Frozen');
  });

  test('whose signed data does not decode revert without data, once the signatures are good', () => {
    const client = newClient();
    for (const attestationData of [new Uint8Array(63), concatBytes(word('dirty'), word('bits'))]) {
      const good = encodeAttestationProof({ attestationData, signatures: sign('state', attestationData, quorum) });
      assertRejected(client.updateClient(good), { code: 'data-malformed', errorName: null });
      const none = encodeAttestationProof({ attestationData, signatures: [] });
      assertRejected(client.updateClient(none), { code: 'signatures-empty', errorName: 'EmptySignatures' });
    }
  });

  test('take what a packet attestation signs for no statement about state', () => {
    const attestationData = encodeStateAttestation({ height: 101n, timestampSec: TIME });
    const message = encodeAttestationProof({ attestationData, signatures: sign('packet', attestationData, quorum) });
    const verdict = newClient().updateClient(message);
    assert.ok(!verdict.ok && verdict.code === 'unknown-signer');
  });
});

describe('signatures', () => {
  const data = encodePacketAttestation({ height: HEIGHT, packets: [entry('a', word('a'))] });
  const verify = (signatures: readonly Uint8Array[]): ReturnType<LightClient['verifyMembership']> =>
    newClient().verifyMembership(membership({ proof: encodeAttestationProof({ attestationData: data, signatures }) }));
  const all = sign('packet', data, set);
  const [first = NO_BYTES, second = NO_BYTES, third = NO_BYTES] = all;
  const stranger = attestor(99);
  const [strange = NO_BYTES] = sign('packet', data, [stranger]);
  const firstSigner = set[0]?.address;

  test('reach the quorum in any order, and may be more', () => {
    for (const signatures of [all.slice(0, 3), all.slice(2), [...all].reverse(), all]) assert.ok(verify(signatures).ok);
  });

  test('fewer than the quorum are counted before any is looked at', () => {
    assertRejected(verify([]), { code: 'signatures-empty', errorName: 'EmptySignatures' });
    const two = [new Uint8Array(1), strange];
    assertRejected(verify(two), { code: 'threshold-not-met', errorName: 'ThresholdNotMet', args: [2n, 3] });
  });

  test('peers.md #1: one unknown or doubled signature spoils a proof that has a quorum without it', () => {
    const unknown = { code: 'unknown-signer', errorName: 'UnknownSigner', args: [stranger.address] };
    assertRejected(verify([...all, strange]), unknown);
    const double = { code: 'duplicate-signer', errorName: 'DuplicateSigner', args: [firstSigner] };
    assertRejected(verify([...all, first]), double);
    // The first bad one decides.
    assertRejected(verify([first, first, strange]), double);
    assertRejected(verify([first, strange, first]), unknown);
    assertRejected(verify([strange, strange, strange]), unknown);
  });

  test('must have v of 27 or 28, a low s, and 65 bytes', () => {
    const withV = (v: number): Uint8Array => Uint8Array.from([...third.subarray(0, 64), v]);
    for (const v of [0, 1, 26, 29, 255]) {
      assertRejected(verify([first, second, withV(v)]), {
        code: 'signature-invalid',
        errorName: 'ECDSAInvalidSignature',
      });
    }
    const high = Uint8Array.from([...third.subarray(0, 32), ...new Uint8Array(32).fill(0x80), 27]);
    const s = bytesToHex(high.subarray(32, 64));
    const highS = { code: 'signature-high-s', errorName: 'ECDSAInvalidSignatureS', args: [s] };
    assertRejected(verify([first, second, high]), highS);
    for (const length of [0, 64]) {
      const short = third.subarray(0, length);
      const wrong = { code: 'signature-length', errorName: 'InvalidSignatureLength', args: [bytesToHex(short)] };
      assertRejected(verify([first, second, short]), wrong);
    }
  });

  test('peers.md #13: are over what the wire format says, and over nothing else', () => {
    const overData = sign('state', data, quorum);
    assert.equal(verify(overData).ok, false);
  });
});

describe('membership', () => {
  test('takes the commitment that the list has for the path', () => {
    assert.deepEqual(newClient().verifyMembership(membership()), { ok: true, timestamp: TIME });
  });

  test('takes any of several entries for one path', () => {
    const proof = packetProof(HEIGHT, [entry('a', word('x')), entry('a', word('a'))], quorum);
    assert.ok(newClient().verifyMembership(membership({ proof })).ok);
  });

  test('refuses', () => {
    const client = newClient();
    const notMember = { code: 'not-member', errorName: 'NotMember' };
    const cases: readonly (readonly [Partial<MembershipProof>, Expected])[] = [
      [{ value: word('b') }, notMember],
      [{ path: [rawPath('b')] }, notMember],
      [{ path: [NO_BYTES] }, notMember],
      [{ path: [keccak256(rawPath('a'))] }, notMember],
      [{ value: NO_BYTES }, { code: 'value-empty', errorName: 'EmptyValue' }],
      [{ value: word('a').subarray(1) }, { code: 'value-malformed', errorName: null }],
      [{ path: [] }, { code: 'path-length', errorName: 'InvalidPathLength', args: [1n, 0n] }],
      [{ path: [NO_BYTES, rawPath('a')] }, { code: 'path-length', errorName: 'InvalidPathLength', args: [1n, 2n] }],
      [{ height: 99n }, { code: 'consensus-not-found', errorName: 'ConsensusTimestampNotFound', args: [99n] }],
      [{ proof: Uint8Array.of(1) }, { code: 'proof-malformed', errorName: null }],
      [
        { proof: packetProof(101n, [entry('a', word('a'))], quorum) },
        { code: 'height-mismatch', errorName: 'HeightMismatch', args: [HEIGHT, 101n] },
      ],
      [{ proof: packetProof(HEIGHT, [], quorum) }, { code: 'packets-empty', errorName: 'EmptyPackets' }],
      [{ proof: stateProof(HEIGHT, TIME, quorum) }, { code: 'unknown-signer', errorName: 'UnknownSigner' }],
    ];
    for (const [changes, expected] of cases) {
      const verdict = client.verifyMembership(membership(changes));
      if (expected.code === 'unknown-signer') assert.ok(!verdict.ok && verdict.code === 'unknown-signer');
      else assertRejected(verdict, expected);
    }
  });

  test('takes a value of more than 32 bytes by its first word, as abi.decode does', () => {
    assert.ok(newClient().verifyMembership(membership({ value: concatBytes(word('a'), Uint8Array.of(1)) })).ok);
  });

  test('of zero is what the list says, if it says so', () => {
    const zero = membership({ path: [rawPath('none')], value: ZERO_WORD });
    assert.ok(newClient().verifyMembership(zero).ok);
  });
});

describe('non-membership', () => {
  test('takes an entry of zero, and nothing less', () => {
    const client = newClient();
    assert.deepEqual(client.verifyNonMembership(absence()), { ok: true, timestamp: TIME });
    const present = client.verifyNonMembership(absence({ path: [rawPath('a')] }));
    assertRejected(present, { code: 'not-non-member', errorName: 'NotNonMember' });
    // Not listed is not absent.
    const unlisted = client.verifyNonMembership(absence({ path: [rawPath('b')] }));
    assertRejected(unlisted, { code: 'not-member', errorName: 'NotMember' });
  });

  test('is decided by the first entry for a path; a policy may ask every entry', () => {
    const twice = (first: Uint8Array, second: Uint8Array): MembershipProof =>
      absence({ proof: packetProof(HEIGHT, [entry('none', first), entry('none', second)], quorum) });
    const everyEntry: Policy = { ...solidityPolicy, absenceDecidedBy: 'every-match' };
    assert.equal(newClient().verifyNonMembership(twice(ZERO_WORD, word('x'))).ok, true);
    assert.equal(newClient(everyEntry).verifyNonMembership(twice(ZERO_WORD, word('x'))).ok, false);
    for (const policy of [solidityPolicy, everyEntry]) {
      assert.equal(newClient(policy).verifyNonMembership(twice(word('x'), ZERO_WORD)).ok, false);
      assert.equal(newClient(policy).verifyNonMembership(twice(ZERO_WORD, ZERO_WORD)).ok, true);
    }
  });
});

describe('a frozen client', () => {
  test('verifies nothing and takes nothing, whatever else is wrong', () => {
    const client = frozenClient();
    const frozen = { code: 'client-frozen', errorName: 'FrozenClientState' };
    assertRejected(client.updateClient(stateProof(105n, TIME, quorum)), frozen);
    assertRejected(client.updateClient(NO_BYTES), frozen);
    assertRejected(client.verifyMembership(membership()), frozen);
    assertRejected(client.verifyNonMembership(absence()), frozen);
    assertRejected(client.misbehaviour(NO_BYTES), frozen);
  });
});

describe('misbehaviour', () => {
  test('is submitted as an update', () => {
    const verdict = newClient().misbehaviour(stateProof(HEIGHT, TIME + 1n, quorum));
    assertRejected(verdict, { code: 'feature-not-supported', errorName: 'FeatureNotSupported' });
  });
});

describe('the proof submitter role', () => {
  test('is asked for when the caller is known', () => {
    const allowed = attestor(1).address;
    const stranger = attestor(2).address;
    const store = createMemoryStore();
    const client = createLightClient({ policy: solidityPolicy, store, isSubmitter: (caller) => caller === allowed });
    client.initialize({ attestors: [allowed], minRequiredSigs: 1, height: 1n, timestampSec: 1n });
    const denied = {
      code: 'unauthorized',
      errorName: 'AccessControlUnauthorizedAccount',
      args: [stranger, PROOF_SUBMITTER_ROLE],
    };
    // keccak256("PROOF_SUBMITTER_ROLE"), as OpenZeppelin's AccessControl reports it.
    assert.equal(PROOF_SUBMITTER_ROLE, bytesToHex(keccak256(new TextEncoder().encode('PROOF_SUBMITTER_ROLE'))));
    const message = stateProof(2n, 2n, [attestor(1)]);
    assertRejected(client.updateClient(message, { caller: stranger }), denied);
    assertRejected(client.verifyMembership(membership({ caller: stranger })), denied);
    assert.ok(client.updateClient(message, { caller: allowed }).ok);
  });
});

describe('empty follow-up proofs', () => {
  const follow = (changes: Partial<MembershipProof> = {}): MembershipProof =>
    membership({ proof: NO_BYTES, ...changes });
  const notVerified = (path: string, height = HEIGHT): Expected => ({
    code: 'not-verified-here',
    errorName: 'NotVerifiedInTransaction',
    args: [height, bytesToHex(keccak256(rawPath(path)))],
  });

  test('are good for exactly what a full proof of the same transaction listed', () => {
    const transaction = newClient().beginTransaction();
    assertRejected(transaction.verifyMembership(follow()), notVerified('a'));
    assert.ok(transaction.verifyMembership(membership()).ok);
    assert.deepEqual(transaction.verifyMembership(follow()), { ok: true, timestamp: TIME });
    assert.ok(transaction.verifyNonMembership(follow({ path: [rawPath('none')] })).ok);
    assertRejected(transaction.verifyMembership(follow({ value: word('b') })), notVerified('a'));
    assertRejected(transaction.verifyMembership(follow({ path: [rawPath('b')] })), notVerified('b'));
    assertRejected(transaction.verifyNonMembership(follow()), notVerified('a'));
  });

  test('are good for nothing in another transaction, for another height, or with another client', () => {
    const client = newClient();
    client.updateClient(stateProof(101n, TIME + 1n, quorum));
    const transaction = client.beginTransaction();
    assert.ok(transaction.verifyMembership(membership()).ok);
    assertRejected(transaction.verifyMembership(follow({ height: 101n })), notVerified('a', 101n));
    assertRejected(client.verifyMembership(follow()), notVerified('a'));
    assertRejected(client.beginTransaction().verifyMembership(follow()), notVerified('a'));
    assertRejected(newClient().beginTransaction().verifyMembership(follow()), notVerified('a'));
  });

  test('do not gain from a full proof that was refused', () => {
    const transaction = newClient().beginTransaction();
    const refused = transaction.verifyMembership(membership({ value: word('b') }));
    assertRejected(refused, { code: 'not-member', errorName: 'NotMember' });
    assertRejected(transaction.verifyMembership(follow()), notVerified('a'));
  });

  test('do not survive a freeze in the same transaction', () => {
    const transaction = newClient().beginTransaction();
    assert.ok(transaction.verifyMembership(membership()).ok);
    assert.ok(transaction.updateClient(stateProof(HEIGHT, TIME + 1n, quorum)).ok);
    assertRejected(transaction.verifyMembership(follow()), { code: 'client-frozen', errorName: 'FrozenClientState' });
  });

  test('say nothing about the absence of a path that was also seen present', () => {
    const transaction = newClient().beginTransaction();
    const proof = packetProof(HEIGHT, [entry('none', ZERO_WORD), entry('none', word('x'))], quorum);
    // The full proof is taken, since its first entry decides; the empty one is not.
    assert.ok(transaction.verifyNonMembership(absence({ proof })).ok);
    assertRejected(transaction.verifyNonMembership(follow({ path: [rawPath('none')] })), notVerified('none'));
    assert.ok(transaction.verifyMembership(follow({ path: [rawPath('none')], value: word('x') })).ok);
  });

  test('are checked for value, path and timestamp like any other', () => {
    const transaction = newClient().beginTransaction();
    assert.ok(transaction.verifyMembership(membership()).ok);
    const cases: readonly (readonly [Partial<MembershipProof>, string])[] = [
      [{ value: NO_BYTES }, 'value-empty'],
      [{ value: word('a').subarray(1) }, 'value-malformed'],
      [{ path: [] }, 'path-length'],
      [{ height: 99n }, 'consensus-not-found'],
    ];
    for (const [changes, code] of cases) {
      const verdict = transaction.verifyMembership(follow(changes));
      assert.ok(!verdict.ok && verdict.code === code);
    }
  });

  test('do not change with the buffer that the full proof was in', () => {
    const transaction = newClient().beginTransaction();
    const full = membership();
    assert.ok(transaction.verifyMembership(full).ok);
    full.proof.fill(0);
    assert.ok(transaction.verifyMembership(follow()).ok);
  });

  test('are not known to the client that others deployed', () => {
    const transaction = newClient(deployedSolidityPolicy).beginTransaction();
    assert.ok(transaction.verifyMembership(membership()).ok);
    assertRejected(transaction.verifyMembership(follow()), { code: 'proof-malformed', errorName: null });
  });
});
