import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bytesToHex,
  CoreError,
  classifyIcs20Ack,
  decodeIcs20PacketData,
  denomToBankDenom,
  encodeIcs20PacketData,
  ICS20_SUCCESS_ACK,
  type Ics20Encoding,
  type Ics20PacketData,
  parseDenomTrace,
  prefixDenom,
  receivedDenom,
  UNIVERSAL_ERROR_ACK,
  unwindDenom,
  utf8ToBytes,
} from '@interchain-attestation/core';
import fc from 'fast-check';
import { damaged } from './arbitraries.ts';
import { viemIcs20 } from './viem-codec.ts';

const ENCODINGS: readonly Ics20Encoding[] = [
  'application/json',
  'application/x-protobuf',
  'application/x-solidity-abi',
];
const tricky = fc.constantFrom(
  '',
  '"',
  '\\',
  '<a href="x">&',
  '\u2028\u2029',
  '\u0000\u001f\u007f',
  '{"a":"b","a":"c"}',
  '😀',
  '\ufeff',
);
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), tricky).filter((s) => s.isWellFormed());
const data: fc.Arbitrary<Ics20PacketData> = fc.record(
  { denom: text, sender: text, receiver: text, amount: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), memo: text },
  { noNullPrototype: true },
);
const SAMPLE: Ics20PacketData = {
  denom: 'transfer/client-0/uatom',
  sender: 'cosmos1sender',
  receiver: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  amount: 12n,
  memo: '',
};

for (const encoding of ENCODINGS) {
  describe(`ICS-20 as ${encoding}`, () => {
    test('comes back as it went', () => {
      fc.assert(
        fc.property(data, (d) =>
          assert.deepEqual(decodeIcs20PacketData(encodeIcs20PacketData(d, encoding), encoding), d),
        ),
      );
    });

    test('is refused with an error of this package when damaged, or decodes to something that encodes', () => {
      fc.assert(
        fc.property(
          data.chain((d) => damaged(encodeIcs20PacketData(d, encoding))),
          (bytes) => {
            try {
              const decoded = decodeIcs20PacketData(bytes, encoding);
              const again = encodeIcs20PacketData(decoded, encoding);
              if (encoding !== 'application/json') assert.equal(bytesToHex(again), bytesToHex(bytes));
            } catch (error) {
              assert.ok(error instanceof CoreError, String(error));
            }
          },
        ),
        { numRuns: 500 },
      );
    });

    test('is not made of what no chain could read back', () => {
      const bad = [{ amount: -1n }, { amount: 2n ** 256n }, { memo: '\ud800' }, { denom: 'a\udc00' }];
      for (const change of bad) {
        assert.throws(() => encodeIcs20PacketData({ ...SAMPLE, ...change }, encoding), { code: 'ics20/invalid' });
      }
    });
  });
}

describe('ICS-20 encodings', () => {
  test('ABI is what viem makes of the Solidity struct', () => {
    fc.assert(
      fc.property(data, (d) => assert.deepEqual(encodeIcs20PacketData(d, 'application/x-solidity-abi'), viemIcs20(d))),
    );
  });

  test('JSON is what Go writes for ibc-go: order of the fields, amount as text, no empty memo, < > & escaped', () => {
    const json = (d: Ics20PacketData): string => new TextDecoder().decode(encodeIcs20PacketData(d, 'application/json'));
    assert.equal(
      json(SAMPLE),
      '{"denom":"transfer/client-0/uatom","amount":"12","sender":"cosmos1sender","receiver":"0x70997970C51812dc3A010C7d01b50e0d17dc79C8"}',
    );
    assert.match(json({ ...SAMPLE, memo: '<&>\u2028' }), /"memo":"\\u003c\\u0026\\u003e\\u2028"}$/);
  });

  test('protobuf has the fields of FungibleTokenPacketData: denom 1, amount 2, sender 3, receiver 4, memo 5', () => {
    const d = { denom: 'a', amount: 12n, sender: 'b', receiver: 'c', memo: 'd' };
    assert.equal(
      bytesToHex(encodeIcs20PacketData(d, 'application/x-protobuf')),
      '0x0a01611202313' + '21a01622201632a0164',
    );
  });

  test('any other name is refused', () => {
    for (const name of ['', 'application/JSON', 'toString', '__proto__']) {
      assert.throws(() => decodeIcs20PacketData(new Uint8Array(0), name), { code: 'ics20/unknown-encoding' });
    }
  });
});

describe('ICS-20 JSON is refused', () => {
  const CASES: readonly (readonly [name: string, json: string])[] = [
    ['nothing', ''],
    ['not an object', '"x"'],
    ['null', 'null'],
    ['a list', '[]'],
    ['without an amount', '{"denom":"a"}'],
    ['an amount that is a number', '{"amount":1}'],
    ['a negative amount', '{"amount":"-1"}'],
    ['an amount with a sign', '{"amount":"+1"}'],
    ['an amount with leading zeros', '{"amount":"01"}'],
    ['an amount in hex', '{"amount":"0x1"}'],
    ['an amount with an exponent', '{"amount":"1e3"}'],
    ['an empty amount', '{"amount":""}'],
    ['an amount of 2^256', `{"amount":"${2n ** 256n}"}`],
    ['an unknown field', '{"amount":"1","x":"y"}'],
    ['a field in another case', '{"Amount":"1"}'],
    ['a field twice', '{"amount":"1","amount":"2"}'],
    ['a field twice, spelled otherwise', '{"amount":"1","am\\u006funt":"2"}'],
    ['an object as memo', '{"amount":"1","memo":{}}'],
    ['a prototype', '{"amount":"1","__proto__":"x"}'],
    ['a lone surrogate', '{"amount":"1","memo":"\\ud800"}'],
    ['something after the end', '{"amount":"1"}}'],
    ['a byte-order mark', '\ufeff{"amount":"1"}'],
  ];
  for (const [name, json] of CASES) {
    test(name, () => {
      assert.throws(() => decodeIcs20PacketData(utf8ToBytes(json), 'application/json'), { code: 'ics20/invalid' });
    });
  }

  test('bytes that are not UTF-8', () => {
    const bytes = utf8ToBytes('{"amount":"1","memo":"x"}').map((byte) => (byte === 0x78 ? 0xff : byte));
    assert.throws(() => decodeIcs20PacketData(bytes, 'application/json'), { code: 'ics20/invalid' });
  });

  test('but white space and any order are not minded', () => {
    const decoded = decodeIcs20PacketData(utf8ToBytes(' { "memo" : "a:b" , "amount" : "1" } '), 'application/json');
    assert.deepEqual(decoded, { denom: '', sender: '', receiver: '', amount: 1n, memo: 'a:b' });
  });
});

describe('ICS-20 protobuf is refused', () => {
  const CASES: readonly (readonly [name: string, bytes: number[], code: string])[] = [
    ['without an amount', [], 'ics20/invalid'],
    ['an unknown field', [0x12, 1, 0x31, 0x32, 0], 'ics20/invalid'],
    ['a field number above 15', [0x12, 1, 0x31, 0x82, 1, 0], 'ics20/invalid'],
    ['a varint in place of a string', [0x10, 1], 'ics20/invalid'],
    ['cut in a length', [0x12], 'ics20/invalid'],
    ['cut in a string', [0x12, 2, 0x31], 'ics20/invalid'],
    ['a length beyond all data', [0x12, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x31], 'ics20/invalid'],
    ['not UTF-8', [0x0a, 1, 0xff, 0x12, 1, 0x31], 'ics20/invalid'],
    ['fields out of order', [0x1a, 1, 0x61, 0x12, 1, 0x31], 'ics20/non-canonical'],
    ['a field twice', [0x12, 1, 0x32, 0x12, 1, 0x31], 'ics20/non-canonical'],
    ['an empty field', [0x0a, 0, 0x12, 1, 0x31], 'ics20/non-canonical'],
    ['a longer length than needed', [0x12, 0x81, 0, 0x31], 'ics20/non-canonical'],
  ];
  for (const [name, bytes, code] of CASES) {
    test(name, () => {
      assert.throws(() => decodeIcs20PacketData(Uint8Array.from(bytes), 'application/x-protobuf'), { code });
    });
  }
});

describe('ICS-20 acknowledgements', () => {
  test('are success, error or neither', () => {
    assert.equal(new TextDecoder().decode(ICS20_SUCCESS_ACK), '{"result":"AQ=="}');
    const of = (ack: string | Uint8Array): string =>
      classifyIcs20Ack(typeof ack === 'string' ? utf8ToBytes(ack) : ack).outcome;
    assert.equal(of(ICS20_SUCCESS_ACK), 'success');
    assert.equal(of(UNIVERSAL_ERROR_ACK), 'error');
    assert.deepEqual(classifyIcs20Ack(utf8ToBytes('{"error":"out of gas"}')), {
      outcome: 'error',
      message: 'out of gas',
    });
    const neither = ['', '{}', '{"result":"AQ=="} ', '{"error":1}', '{"error":"a","result":"AQ=="}', 'null', '[]'];
    for (const ack of neither) assert.equal(of(ack), 'unknown', ack);
    assert.equal(of(UNIVERSAL_ERROR_ACK.subarray(1)), 'unknown');
  });
});

describe('denoms', () => {
  const here = { port: 'transfer', clientId: 'client-1' };
  const there = { port: 'transfer', clientId: 'client-7' };

  test('are prefixed on the way out and stripped on the way home', () => {
    const away = receivedDenom(here, there, 'uatom');
    assert.deepEqual(away, { returning: false, denom: 'transfer/client-7/uatom' });
    assert.deepEqual(receivedDenom(there, here, away.denom), { returning: true, denom: 'uatom' });
  });

  test('only come home over the client that they left by', () => {
    const denom = 'transfer/client-7/uatom';
    assert.equal(unwindDenom(here, denom), undefined);
    assert.equal(unwindDenom({ port: 'transfer', clientId: 'client' }, denom), undefined);
    assert.equal(unwindDenom({ port: 'transfer', clientId: 'client-70' }, denom), undefined);
    assert.deepEqual(receivedDenom(here, there, denom), { returning: false, denom: `transfer/client-7/${denom}` });
  });

  test('name their hops, the newest first', () => {
    assert.deepEqual(parseDenomTrace(prefixDenom(here, prefixDenom(there, 'gamm/pool/1'))), {
      hops: [here, there],
      base: 'gamm/pool/1',
    });
    assert.deepEqual(parseDenomTrace('uatom'), { hops: [], base: 'uatom' });
    assert.deepEqual(parseDenomTrace('transfer/uatom'), { hops: [], base: 'transfer/uatom' });
  });

  // The voucher of ATOM on Osmosis, known by this name since 2021.
  test('have the bank name that Cosmos chains give them', () => {
    assert.equal(
      denomToBankDenom('transfer/channel-0/uatom'),
      'ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2',
    );
    assert.equal(denomToBankDenom('uatom'), 'uatom');
  });
});
