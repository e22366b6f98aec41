import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { goProgram, skipWithout, startOracle } from '@interchain-attestation/go-tools';
import { type Anvil, startAnvil } from '../conformance/solidity/anvil.ts';
import { compareWithGo } from '../conformance/wire/go.ts';
import { compareWithSolidity } from '../conformance/wire/solidity-cases.ts';

const oracleProgram = await goProgram('ibc-go-oracle');

test('ibc-go and core agree on commitments, paths, digests and transfers, and core takes no transfer otherwise than ibc-go', {
  skip: skipWithout(oracleProgram),
}, async () => {
  const oracle = startOracle('path' in oracleProgram ? oracleProgram.path : '');
  try {
    assert.deepEqual(await compareWithGo(oracle, '1', 2_000), []);
  } finally {
    await oracle.close();
  }
});

describe('the contracts and core', () => {
  let anvil: Anvil;
  before(async () => {
    anvil = await startAnvil();
  });
  after(() => anvil.stop());

  test('agree on commitments, paths, acknowledgements and transfers', async () => {
    assert.deepEqual(await compareWithSolidity(anvil, '1', 320), []);
  });
});
