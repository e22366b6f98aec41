import {
  type Address,
  type AttestationKind,
  checksumAddress,
  concatBytes,
  encodePacketAttestation,
  encodeStateAttestation,
  keccak256,
  type PacketCompact,
  recoverAddressBytes,
  sha256,
  signDigest,
  signingDigest,
  utf8ToBytes,
} from '@interchain-attestation/core';
import { keyAt } from '../generate/signatures.ts';
import { MAX } from '../generate/subject.ts';
import type { Case, Step } from './cases.ts';
import { anyOf, clientStateBytes, consensusStateBytes, type StoreEntries } from './clients.ts';
import { ibcGoDialect } from './envelope.ts';

// What no random choice would find, or only once in a million cases.

const HEIGHT = 100n;
const PATH = utf8ToBytes('client-0\u0001path');
const COMMITMENT = sha256(PATH);
const ZERO = new Uint8Array(32);
const LEVELS = ['module', 'core'] as const;

const storeOf = (attestors: readonly Address[]): StoreEntries => [
  ['clientState', anyOf('ClientState', clientStateBytes(attestors, 1, HEIGHT))],
  [`consensusStates/0-${HEIGHT}`, anyOf('ConsensusState', consensusStateBytes(1_700_000_000_000_000_000n))],
];

const key = keyAt(0);
const ONE_OF_ONE = storeOf([key.address]);

const signed = (kind: AttestationKind, attestationData: Uint8Array): Uint8Array =>
  ibcGoDialect.encode({
    attestationData,
    signatures: [signDigest(signingDigest(kind, attestationData), key.privateKey)],
  });

const membership = (proof: Uint8Array, value = COMMITMENT): Step => ({
  kind: 'verifyMembership',
  proof,
  height: HEIGHT,
  revisionNumber: 0n,
  path: [PATH],
  value,
});
const absence = (proof: Uint8Array): Step => ({
  kind: 'verifyNonMembership',
  proof,
  height: HEIGHT,
  revisionNumber: 0n,
  path: [PATH],
  value: ZERO,
});
const update = (message: Uint8Array): Step => ({ kind: 'updateClient', message });
const packets = (...list: PacketCompact[]): Uint8Array => encodePacketAttestation({ height: HEIGHT, packets: list });
const entry = (commitment: Uint8Array): PacketCompact => ({ path: keccak256(PATH), commitment });

const atBothLevels = (name: string, ...steps: Step[]): Case[] =>
  LEVELS.map((level) => ({ name: `${name} (${level})`, level, store: ONE_OF_ONE, steps }));

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const toWord = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * (31 - i))) & 0xffn));
const toNumber = (bytes: Uint8Array): bigint => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);

/** Every v there is, with the signature's own s and with the other one. */
const everyV = (): Case[] => {
  const attestationData = packets(entry(COMMITMENT));
  const good = signDigest(signingDigest('packet', attestationData), key.privateKey);
  const high = concatBytes(good.subarray(0, 32), toWord(ORDER - toNumber(good.subarray(32, 64))), good.subarray(64));
  return [good, high].flatMap((signature, i) =>
    Array.from({ length: 256 }, (_, v): Case => {
      const changed = concatBytes(signature.subarray(0, 64), Uint8Array.of(v));
      const proof = ibcGoDialect.encode({ attestationData, signatures: [changed] });
      return {
        name: `v = ${v}${i === 0 ? '' : ', high s'}`,
        level: 'module',
        store: ONE_OF_ONE,
        steps: [membership(proof)],
      };
    }),
  );
};

/**
 * Signatures whose r is what is left of an x coordinate above the group order: v = 2 and 3. Nobody can sign like that
 * on purpose, but any r that is such a rest yields a key, and that key's address can be an attestor.
 */
const overflowedR = (): Case[] => {
  const attestationData = packets(entry(COMMITMENT));
  const digest = signingDigest('packet', attestationData);
  const rules = { acceptHighS: true, acceptRawRecoveryId: true, acceptOverflowedR: true };
  return Array.from({ length: 20 }, (_, i) => BigInt(i) + 1n).flatMap((r) =>
    [2, 3].flatMap((v): Case[] => {
      const signature = concatBytes(toWord(r), toWord(12_345n), Uint8Array.of(v));
      const recovered = recoverAddressBytes(digest, signature, rules);
      const signer = typeof recovered === 'string' ? key.address : checksumAddress(recovered);
      const proof = ibcGoDialect.encode({ attestationData, signatures: [signature] });
      const name = `r = ${r} of an x above the order, v = ${v}`;
      return [{ name, level: 'module', store: storeOf([signer]), steps: [membership(proof)] }];
    }),
  );
};

/** As many entries as anybody will ever send. */
const longLists = (): Case[] => {
  const count = 65_536;
  const list = Array.from({ length: count - 1 }, (_, i) => ({ path: toWord(BigInt(i)), commitment: COMMITMENT }));
  const last = signed('packet', packets(...list, entry(COMMITMENT)));
  return [
    {
      name: '65,536 packets',
      level: 'core',
      store: ONE_OF_ONE,
      steps: [membership(last), membership(last, ZERO), absence(last), update(last)],
    },
    {
      name: '65,536 packets, nothing at the last',
      level: 'module',
      store: ONE_OF_ONE,
      steps: [absence(signed('packet', packets(...list, entry(ZERO))))],
    },
  ];
};

/** Data that is state and packets at once, or becomes neither only late. */
const ambiguousData = (): Case[] => {
  const states = [0n, 1n, 31n, 32n, 33n, 64n, HEIGHT, MAX].flatMap((height) =>
    [0n, 1n, 32n, 64n, 1_700_000_000n, 1n << 55n, MAX].map((timestampSec) => ({ height, timestampSec })),
  );
  const listed = packets(entry(COMMITMENT));
  // The list one word further back: the second word is then no height any more, and may be anything.
  const shifted = (gap: Uint8Array): Uint8Array => concatBytes(toWord(64n), gap, listed.subarray(32));
  return [
    ...states.flatMap((state) =>
      atBothLevels(
        `state ${state.height} at ${state.timestampSec} s`,
        update(signed('state', encodeStateAttestation(state))),
        { kind: 'latestHeight' },
        { kind: 'timestampAtHeight', height: state.height },
      ),
    ),
    ...atBothLevels('packets signed as a state', update(signed('state', listed))),
    ...atBothLevels(
      'packets signed as a state that does not decode',
      update(signed('state', shifted(toWord(1n << 64n)))),
    ),
    ...atBothLevels('packets signed as a state that does', update(signed('state', shifted(toWord(5n))))),
    ...atBothLevels('no packets, signed as a state', update(signed('state', packets()))),
    ...atBothLevels('packets with a gap', membership(signed('packet', shifted(toWord(1n << 255n))))),
    ...atBothLevels(
      'a state signed as packets',
      update(signed('packet', encodeStateAttestation({ height: 101n, timestampSec: 5n }))),
    ),
    ...atBothLevels(
      'a state as a proof of packets',
      membership(signed('packet', encodeStateAttestation({ height: HEIGHT, timestampSec: 64n }))),
    ),
    ...atBothLevels(
      'the same path twice',
      absence(signed('packet', packets(entry(ZERO), entry(COMMITMENT)))),
      membership(signed('packet', packets(entry(ZERO), entry(COMMITMENT)))),
      absence(signed('packet', packets(entry(COMMITMENT), entry(ZERO)))),
      absence(signed('packet', packets(entry(ZERO), entry(ZERO)))),
    ),
    ...atBothLevels(
      'empty bytes',
      membership(new Uint8Array(0)),
      absence(new Uint8Array(0)),
      update(new Uint8Array(0)),
    ),
  ];
};

/** The rest of the calls. */
const otherCalls = (): Case[] => {
  const freezing = update(signed('state', encodeStateAttestation({ height: HEIGHT, timestampSec: 1n })));
  const repeated = update(signed('state', encodeStateAttestation({ height: HEIGHT, timestampSec: 1_700_000_000n })));
  const older = update(signed('state', encodeStateAttestation({ height: 7n, timestampSec: 9n })));
  const proof = signed('packet', packets(entry(COMMITMENT)));
  return [
    ...atBothLevels('recover and upgrade', { kind: 'recover' }, { kind: 'upgrade' }, { kind: 'status' }),
    ...atBothLevels(
      'an update twice, an older one, a contradiction, and what is left',
      repeated,
      older,
      membership(proof),
      freezing,
      { kind: 'status' },
      membership(proof),
      absence(proof),
      repeated,
      freezing,
      { kind: 'latestHeight' },
      { kind: 'timestampAtHeight', height: 7n },
      { kind: 'timestampAtHeight', height: 8n },
    ),
  ];
};

/** Cases that every run makes, whatever the seed. */
export const specialCases = (): Case[] => [
  ...everyV(),
  ...overflowedR(),
  ...longLists(),
  ...ambiguousData(),
  ...otherCalls(),
];
