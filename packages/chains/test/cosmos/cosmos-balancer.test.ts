import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createMemorySigner, type TransactionReceipt } from '@interchain-attestation/chains';
import { type CosmosChain, cosmosAddress, createCosmosChain } from '@interchain-attestation/chains/cosmos';
import { BaseAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import { QueryAccountResponse } from 'cosmjs-types/cosmos/auth/v1beta1/query';
import { AuthInfo, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { createWatched, type Watched } from '../support/until.ts';
import { blockMeta, queryAnswer, type ScriptedComet, startScriptedComet } from './scripted-comet.ts';

const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');
const hashOf = (tx: string): string => createHash('sha256').update(Buffer.from(tx, 'base64')).digest('hex');
const internal = (data: string) => ({ error: { code: -32603, message: 'Internal error', data } });

describe('Cosmos sender behind a balancer whose nodes are not equally far', () => {
  const signer = createMemorySigner(`0x${'07'.repeat(32)}`);
  const address = cosmosAddress(signer.publicKey, 'cosmos');
  const transaction = {
    tx: TxBody.encode(
      TxBody.fromPartial({ messages: [{ typeUrl: '/cosmos.bank.v1beta1.MsgSend', value: Uint8Array.of(1) }] }),
    ).finish(),
    address: '',
  };

  /** `node.head` and `node.committed` are the node that lags; accounts, the mempool and the blocks are the chain's own. */
  let node: ScriptedComet;
  let chain: CosmosChain;
  /** The chain's newest block, and the transactions in its blocks. */
  let top: number;
  let blocks: Map<number, string>;
  let sequence: bigint;
  let mempool: string[];
  let rounds: Watched<string>;

  const produceBlock = (): void => {
    top++;
    const tx = mempool.shift();
    if (tx === undefined) return;
    blocks.set(top, tx);
    sequence++;
  };
  const sequenceOf = (tx: string): bigint =>
    AuthInfo.decode(TxRaw.decode(Buffer.from(tx, 'base64')).authInfoBytes).signerInfos[0]?.sequence ?? -1n;
  /** CheckTx of a node that has no cache. */
  const take = (tx: string) => {
    const got = sequenceOf(tx);
    const expected = sequence + BigInt(mempool.length);
    const log = `account sequence mismatch, expected ${expected}, got ${got}: incorrect account sequence`;
    const refused = got !== expected;
    if (!refused) mempool.push(tx);
    const verdict = refused ? { code: 32, codespace: 'sdk', log } : { code: 0, codespace: '', log: '' };
    return { result: { ...verdict, data: '', hash: hashOf(tx) } };
  };
  const account = () => {
    const value = BaseAccount.encode(BaseAccount.fromPartial({ address, accountNumber: 1n, sequence })).finish();
    const any = { typeUrl: BaseAccount.typeUrl, value };
    return base64(QueryAccountResponse.encode(QueryAccountResponse.fromPartial({ account: any })).finish());
  };

  beforeEach(async () => {
    node = await startScriptedComet();
    rounds = createWatched();
    top = node.head;
    blocks = new Map();
    mempool = [];
    sequence = 5n;
    node.answer = ({ method, params }) => {
      rounds.push(method);
      if (method === 'consensus_params') {
        return { result: { consensus_params: { block: { max_bytes: '1000000', max_gas: '-1' } } } };
      }
      if (method === 'abci_query' && params.path === '/app/simulate') {
        return queryAnswer({ value: base64('{"gas_info":{"gas_used":"1000"}}') });
      }
      if (method === 'abci_query') return queryAnswer({ value: account(), height: String(top) });
      if (method === 'broadcast_tx_sync') return take(String(params.tx));
      // The index is behind for good.
      if (method === 'tx') return internal('tx (00) not found, err: %!w(<nil>)');
      const height = Number(params.height);
      if (method === 'block_results') {
        const result = { code: 0, data: null, log: '', gas_wanted: '1', gas_used: '1', events: [] };
        return { result: { height: String(height), txs_results: [result], validator_updates: null } };
      }
      if (method !== 'block') return undefined;
      if (height > node.head) {
        return internal(`height ${height} must be less than or equal to the current blockchain height ${node.head}`);
      }
      const { block_id, header } = blockMeta('gaia-1', height);
      const tx = blocks.get(height);
      const last_commit = { block_id, height: String(height - 1), round: 0, signatures: [] };
      const data = { txs: tx === undefined ? [] : [tx] };
      return { result: { block_id, block: { header, data, last_commit, evidence: { evidence: [] } } } };
    };
    chain = createCosmosChain({
      name: 'gaia',
      chainId: 'gaia-1',
      rpcUrl: node.url,
      gasPrice: '0stake',
      finalityCacheMs: 0,
      pollIntervalMs: 20,
    });
  });
  afterEach(async () => {
    await chain.close();
    await node.stop();
  });

  const txIds: string[] = [];
  const submit = (): Promise<TransactionReceipt> => {
    txIds.length = 0;
    return chain.createSender(signer).submit(transaction, {
      onBroadcast(txId) {
        txIds.push(txId);
        rounds.push('out');
      },
    });
  };
  /** Waits for calls of a method, made from here on for the transaction that is out. */
  const calls = async (method: string, times: number): Promise<void> => {
    const from = rounds.items.length;
    await rounds.until((all) => txIds.length > 1 || all.slice(from).filter((one) => one === method).length >= times);
    assert.equal(txIds.length, 1, 'it was signed anew');
  };

  test('a sequence used in a block that others do not have yet: nothing is signed anew before that block is read', async () => {
    const submitted = submit();
    await rounds.until((all) => all.includes('out'));
    top = 13;
    produceBlock();
    // All nodes but the one that answers for accounts stop a block earlier: block 14 cannot be read.
    node.head = 13;
    await calls('block', 4);
    const again = calls('block', 4);
    top = 15;
    node.head = 15;
    const receipt = await submitted;
    await again;
    assert.equal(receipt.height, 14n);
    assert.deepEqual(txIds, [receipt.txId]);
    assert.deepEqual([...blocks.keys()], [14]);
  });

  test('taken and included, its answer lost: the refusal of the repetition is not believed', async () => {
    let posts = 0;
    node.raw = (calls) => {
      const broadcast = calls.find(({ method }) => method === 'broadcast_tx_sync');
      if (broadcast === undefined || posts++ > 0) return undefined;
      take(String(broadcast.params.tx));
      produceBlock();
      return { status: 502, body: '<html>bad gateway</html>' };
    };
    const submitted = submit();
    await rounds.until((all) => all.includes('out'));
    assert.deepEqual(mempool, [], 'it was signed anew');
    top = node.head = 14;
    const receipt = await submitted;
    assert.deepEqual(txIds, [receipt.txId]);
    assert.equal(posts, 2);
    assert.deepEqual([...blocks.keys()], [11]);
  });
});
