import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  checksumAddress,
  createAttestorSet,
  hexToBytes,
  isMinorityQuorum,
  parseAddress,
} from '@interchain-attestation/core';
import fc from 'fast-check';
import { getAddress } from 'viem';

// EIP-55, section "Test Cases".
const EIP_55 = [
  '0x52908400098527886E0F7030069857D2E4169EE7',
  '0x8617E340B3D01FA5F11F306F4090FD50E238070D',
  '0xde709f2102306220921060314715629080e2fb77',
  '0x27b1fdb04752bbc536007a920d24acb045561c26',
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
];
const [FIRST = '', SECOND = '', THIRD = ''] = EIP_55;

describe('addresses', () => {
  test('are spelled as EIP-55 says', () => {
    for (const address of EIP_55) {
      assert.equal(checksumAddress(hexToBytes(address)), address);
      for (const spelling of [address, address.toLowerCase(), `0x${address.slice(2).toUpperCase()}`]) {
        assert.equal(parseAddress(spelling), address);
      }
    }
  });

  test('are spelled as viem spells them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        assert.equal(checksumAddress(bytes), getAddress(`0x${Buffer.from(bytes).toString('hex')}`));
      }),
    );
  });

  test('are refused with one letter in the wrong case, or in another form', () => {
    for (const address of EIP_55.slice(4)) {
      const at = address.search(/[A-F]/);
      const wrong = address.slice(0, at) + address.slice(at).replace(/[A-F]/, (letter) => letter.toLowerCase());
      assert.throws(() => parseAddress(wrong), { code: 'address/checksum' });
    }
    for (const wrong of [
      '',
      '0x',
      FIRST.slice(2),
      FIRST.slice(0, -1),
      `${FIRST}0`,
      `${FIRST.slice(0, -1)}g`,
      ` ${FIRST}`,
    ]) {
      assert.throws(() => parseAddress(wrong), { code: 'address/invalid' });
    }
  });
});

describe('attestor sets', () => {
  test('keep the order, and know every attestor by its EIP-55 address', () => {
    const set = createAttestorSet([SECOND.toLowerCase(), FIRST, THIRD], 2);
    assert.deepEqual(set.attestors, [SECOND, FIRST, THIRD]);
    assert.equal(set.indexOf(parseAddress(FIRST)), 1);
    assert.equal(set.indexOf(parseAddress(EIP_55[4] ?? '')), undefined);
  });

  test('are refused when they are empty, doubled in any spelling, or out of quorum', () => {
    const code = (expected: string): { code: string } => ({ code: expected });
    assert.throws(() => createAttestorSet([], 1), code('attestor-set/empty'));
    assert.throws(
      () => createAttestorSet([THIRD, `0x${THIRD.slice(2).toUpperCase()}`], 1),
      code('attestor-set/duplicate'),
    );
    for (const quorum of [0, -1, 3, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => createAttestorSet([FIRST, SECOND], quorum), code('attestor-set/quorum-out-of-range'));
    }
  });

  test('peers.md #16: never hold the zero address', () => {
    assert.throws(() => createAttestorSet([FIRST, `0x${'0'.repeat(40)}`], 1), { code: 'address/zero' });
  });

  test('have a minority quorum when two disjoint groups could reach it', () => {
    const of = (count: number, quorum: number): boolean =>
      isMinorityQuorum(createAttestorSet(EIP_55.slice(0, count), quorum));
    assert.deepEqual(
      [of(1, 1), of(2, 1), of(3, 1), of(3, 2), of(4, 2), of(4, 3), of(5, 3)],
      [...[false, true, true, false, true, false, false]],
    );
  });
});
