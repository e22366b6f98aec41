import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemorySigner } from '@interchain-attestation/chains';
import { cosmosAddress, createCosmosChain } from '@interchain-attestation/chains/cosmos';
import { BaseAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import { QueryAccountResponse } from 'cosmjs-types/cosmos/auth/v1beta1/query';
import { AuthInfo, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { queryAnswer, startScriptedComet } from './scripted-comet.ts';

const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');

// ibc-go's test application deducts no fees, so that no real chain of ours would notice.
for (const { gasPrice, amount } of [
  { gasPrice: '0.025stake', amount: [{ denom: 'stake', amount: '1' }] },
  { gasPrice: '0stake', amount: [] },
]) {
  test(`a simulation at ${gasPrice} pays a fee where the transaction will: to deduct it takes gas`, async (t) => {
    const node = await startScriptedComet();
    t.after(() => node.stop());
    const signer = createMemorySigner(`0x${'07'.repeat(32)}`);
    const address = cosmosAddress(signer.publicKey, 'cosmos');
    const value = BaseAccount.encode(BaseAccount.fromPartial({ address, accountNumber: 1n, sequence: 5n })).finish();
    const account = QueryAccountResponse.fromPartial({ account: { typeUrl: BaseAccount.typeUrl, value } });
    const simulated: Uint8Array[] = [];
    node.answer = ({ method, params }) => {
      if (method === 'consensus_params') {
        return { result: { consensus_params: { block: { max_bytes: '1000000', max_gas: '-1' } } } };
      }
      if (method !== 'abci_query') return undefined;
      if (params.path !== '/app/simulate') {
        return queryAnswer({ value: base64(QueryAccountResponse.encode(account).finish()), height: '12' });
      }
      simulated.push(Buffer.from(String(params.data), 'hex'));
      return queryAnswer({ value: base64('{"gas_info":{"gas_used":"1000"}}') });
    };
    const chain = createCosmosChain({ name: 'gaia', chainId: 'gaia-1', rpcUrl: node.url, gasPrice });
    t.after(() => chain.close());
    const messages = [{ typeUrl: '/cosmos.bank.v1beta1.MsgSend', value: Uint8Array.of(1) }];
    const tx = TxBody.encode(TxBody.fromPartial({ messages })).finish();
    assert.ok((await chain.createSender(signer).simulate({ tx, address: '' })).ok);
    const [raw] = simulated;
    assert.ok(raw);
    assert.deepEqual(AuthInfo.decode(TxRaw.decode(raw).authInfoBytes).fee?.amount, amount);
  });
}
