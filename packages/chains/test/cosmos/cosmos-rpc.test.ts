import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type CosmosChain, type CosmosChainConfig, createCosmosChain } from '@interchain-attestation/chains/cosmos';
import { Packet as ProtoPacket } from 'cosmjs-types/ibc/core/channel/v2/packet';
import { QueryPacketCommitmentResponse, QueryPacketReceiptResponse } from 'cosmjs-types/ibc/core/channel/v2/query';
import type { BlockHeader, PacketEvent, StorePath } from '../../src/ports.ts';
import { rejectsWith } from '../conformance/index.ts';
import { createWatched } from '../support/until.ts';
import { blockMeta, hashAt, queryAnswer, type ScriptedComet, startScriptedComet } from './scripted-comet.ts';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const proofHeight = (height: bigint) => ({ revisionNumber: 1n, revisionHeight: height });
const receipt = (received: boolean, height: bigint): string =>
  base64(
    QueryPacketReceiptResponse.encode({ received, proof: new Uint8Array(), proofHeight: proofHeight(height) }).finish(),
  );
const commitment = (bytes: number, height: bigint): string =>
  base64(
    QueryPacketCommitmentResponse.encode({
      commitment: new Uint8Array(bytes).fill(7),
      proof: new Uint8Array(),
      proofHeight: proofHeight(height),
    }).finish(),
  );

describe('Cosmos adapter against a node that misbehaves', () => {
  let node: ScriptedComet;
  let chain: CosmosChain;
  const connect = (changes: Partial<CosmosChainConfig> = {}): CosmosChain =>
    createCosmosChain({
      name: 'gaia',
      chainId: 'gaia-1',
      rpcUrl: node.url,
      retries: 0,
      finalityCacheMs: 0,
      requestTimeoutMs: 5_000,
      ...changes,
    });

  beforeEach(async () => {
    node = await startScriptedComet();
    chain = connect();
  });
  afterEach(async () => {
    await chain.close();
    await node.stop();
  });

  const receiptPath: StorePath = { kind: 'receipt', clientId: 'attestations-0', sequence: 1n };
  const packetPath: StorePath = { ...receiptPath, kind: 'packet' };
  const blockAt = async (height: bigint): Promise<BlockHeader> => {
    const [block] = await chain.reader.headers([height]);
    assert.ok(block);
    return block;
  };
  const answerQuery = (fields: Record<string, unknown>): void => {
    node.answer = ({ method }) => (method === 'abci_query' ? queryAnswer(fields) : undefined);
  };
  const read = async (path: StorePath) => chain.reader.commitments(await blockAt(7n), [path]);

  test('takes "not received" of the asked height, and a receipt, for what they are', async () => {
    answerQuery({ value: receipt(false, 7n), height: '7' });
    assert.deepEqual(await read(receiptPath), [undefined]);
    answerQuery({ value: receipt(true, 7n), height: '7' });
    assert.deepEqual(await read(receiptPath), [Uint8Array.of(2)]);
    answerQuery({ value: commitment(32, 7n), height: '7' });
    assert.deepEqual(await read(packetPath), [new Uint8Array(32).fill(7)]);
  });

  const NOT_FOUND = 'rpc error: code = NotFound desc = packet commitment hash not found: key not found';
  test('NotFound is an absence of a commitment, never of a receipt', async () => {
    answerQuery({ code: 22, codespace: 'sdk', log: NOT_FOUND, height: '7' });
    assert.deepEqual(await read(packetPath), [undefined]);
    await rejectsWith(read(receiptPath), 'chain/unavailable');
  });

  const lies: readonly (readonly [string, StorePath, Record<string, unknown>])[] = [
    ['an answer for another height', receiptPath, { value: receipt(false, 7n), height: '6' }],
    ['an answer that names another height inside', receiptPath, { value: receipt(false, 6n), height: '7' }],
    ['an empty value', receiptPath, { value: '', height: '7' }],
    ['no value', receiptPath, { value: null, height: '7' }],
    ['no code', receiptPath, { code: undefined, value: receipt(false, 7n), height: '7' }],
    ['no height', receiptPath, { value: receipt(false, 7n) }],
    ['a value that does not decode', receiptPath, { value: base64(Uint8Array.of(0x22, 0x7f)), height: '7' }],
    ['a commitment of 31 bytes', packetPath, { value: commitment(31, 7n), height: '7' }],
    ['an empty commitment', packetPath, { value: commitment(0, 7n), height: '7' }],
    ['NotFound for another height', packetPath, { code: 22, codespace: 'sdk', log: NOT_FOUND, height: '6' }],
    [
      'NotFound somewhere in the text',
      packetPath,
      { code: 22, codespace: 'sdk', log: `oops: ${NOT_FOUND}`, height: '7' },
    ],
    ['another code', packetPath, { code: 1, codespace: 'undefined', log: 'internal', height: '7' }],
    ['a panic', packetPath, { code: 111_222, codespace: 'undefined', log: 'panic message redacted', height: '7' }],
    [
      'a height not reached',
      packetPath,
      { code: 26, codespace: 'sdk', log: 'cannot query with height in the future', height: '0' },
    ],
  ];
  for (const [what, path, fields] of lies) {
    test(`reads no absence from ${what}`, async () => {
      answerQuery(fields);
      const error = await rejectsWith(read(path), 'chain/unavailable');
      assert.equal(error.retryable, true);
    });
  }

  test('tells pruned state, an unknown method and a bad path from outages', async () => {
    const log = 'failed to load state at height 7; version does not exist (latest height: 10): not found';
    answerQuery({ code: 38, codespace: 'sdk', log, height: '0' });
    await rejectsWith(read(packetPath), 'chain/state-pruned');
    answerQuery({ code: 6, codespace: 'sdk', log: 'unknown query path: unknown request', height: '0' });
    await rejectsWith(read(packetPath), 'chain/not-a-router');
    answerQuery({ code: 18, codespace: 'sdk', log: 'rpc error: code = InvalidArgument desc = bad', height: '7' });
    await rejectsWith(read(packetPath), 'chain/invalid-input');
  });

  test('one bad answer among many fails the whole reading', async () => {
    let asked = 0;
    node.answer = ({ method }) =>
      method === 'abci_query'
        ? queryAnswer({ value: receipt(false, ++asked === 25 ? 6n : 7n), height: '7' })
        : undefined;
    const paths = Array.from({ length: 30 }, (_, i) => ({ ...receiptPath, sequence: BigInt(i + 1) }));
    await rejectsWith(chain.reader.commitments(await blockAt(7n), paths), 'chain/unavailable');
  });

  test('asks in batches that CometBFT takes, each with the question who answers', async () => {
    answerQuery({ value: receipt(false, 7n), height: '7' });
    const paths = Array.from({ length: 100 }, (_, i) => ({ ...receiptPath, sequence: BigInt(i + 1) }));
    await chain.reader.commitments(await blockAt(7n), paths);
    const probes = node.calls.filter(
      ({ method, params }) => method === 'blockchain' && params.maxHeight === '1',
    ).length;
    const queries = node.calls.filter(({ method }) => method === 'abci_query').length;
    assert.equal(queries, 100);
    assert.equal(probes, 2 + Math.ceil(100 / 9));
  });

  test('a block whose hash is not the asked one is not read', async () => {
    answerQuery({ value: receipt(false, 7n), height: '7' });
    const block = { ...(await blockAt(7n)), hash: `0x${'ab'.repeat(32)}` as const };
    await rejectsWith(chain.reader.commitments(block, [receiptPath]), 'chain/block-not-canonical');
    assert.ok(!node.calls.some(({ method }) => method === 'abci_query'));
  });

  test('a header for another height, or of another chain, is an outage', async () => {
    node.answer = ({ method, params }) =>
      method === 'blockchain' && params.maxHeight === '7'
        ? { result: { last_height: '10', block_metas: [blockMeta('gaia-1', 6)] } }
        : undefined;
    await rejectsWith(chain.reader.headers([7n]), 'chain/unavailable');
    node.answer = ({ method, params }) =>
      method === 'blockchain' && params.maxHeight === '7'
        ? { result: { last_height: '10', block_metas: [blockMeta('gaia-2', 7)] } }
        : undefined;
    await rejectsWith(chain.reader.headers([7n]), 'chain/unavailable');
  });

  test('a block above the head is undefined, one that was pruned is an error', async () => {
    assert.deepEqual(await chain.reader.headers([11n, 0n]), [undefined, undefined]);
    node.base = 5;
    const pruned = connect({ genesisHeight: 5 });
    await rejectsWith(pruned.reader.headers([3n]), 'chain/state-pruned');
    assert.equal((await pruned.reader.identity()).genesisHash, `0x${hashAt(5).toLowerCase()}`);
    await pruned.close();
    const error = await rejectsWith(chain.reader.headers([7n]), 'chain/unavailable');
    assert.equal(error.meta.kind, 'identity');
  });

  test('a range that reaches below what the node keeps is pruned, one that reaches above its head is not there yet', async () => {
    node.base = 5;
    // The node is asked who it is by block 1, which it still shows.
    node.answer = ({ method, params }) =>
      method === 'blockchain' && params.maxHeight === '1'
        ? { result: { last_height: '10', block_metas: [blockMeta('gaia-1', 1)] } }
        : undefined;
    const readRange = (from: bigint, to: bigint) => chain.events.events(from, to)[Symbol.asyncIterator]().next();
    for (const to of [4n, 5n, 9n, 12n]) {
      const error = await rejectsWith(readRange(3n, to), 'chain/state-pruned');
      assert.deepEqual([error.meta.height, error.retryable], [3n, false]);
    }
    await rejectsWith(readRange(6n, 12n), 'chain/height-not-found');
  });

  test('a range of other blocks than those asked for is an outage', async () => {
    for (const heights of [[6], [6, 8], [7, 8, 9, 10], [7, 9]]) {
      node.answer = ({ method, params }) =>
        method === 'blockchain' && params.maxHeight === '9'
          ? { result: { last_height: '10', block_metas: heights.map((height) => blockMeta('gaia-1', height)) } }
          : undefined;
      const read = chain.events.events(7n, 9n)[Symbol.asyncIterator]().next();
      const error = await rejectsWith(read, 'chain/unavailable');
      assert.equal(error.meta.kind, 'malformed');
    }
  });

  test('a node that no longer keeps the block by which the chain is told says what to do', async () => {
    node.base = 5;
    const error = await rejectsWith(chain.reader.latestBlock(), 'chain/unavailable');
    assert.equal(error.meta.kind, 'identity');
    assert.match(error.message, /does not show block 1, .* use a node that keeps it \(a guard is bound to its hash/);
  });

  test('final is what the application has committed, not what the node has stored', async () => {
    node.committed = 9;
    assert.equal((await chain.reader.finalizedBlock()).height, 9n);
    assert.equal((await chain.reader.latestBlock()).height, 9n);
    node.committed = 0;
    const error = await rejectsWith(chain.reader.finalizedBlock(), 'chain/height-not-final');
    assert.equal(error.retryable, true);
  });

  test('the chain behind the URL changes: nothing of it is used', async () => {
    await chain.reader.latestBlock();
    node.chainId = 'gaia-2';
    const error = await rejectsWith(chain.reader.latestBlock(), 'chain/wrong-chain');
    assert.deepEqual([error.meta.expected, error.meta.got], ['gaia-1', 'gaia-2']);
    node.chainId = 'gaia-1';
    // The same id, started anew.
    node.answer = ({ method, params }) =>
      method === 'blockchain' && params.maxHeight === '1'
        ? {
            result: {
              last_height: '10',
              block_metas: [
                { ...blockMeta('gaia-1', 1), block_id: { hash: hashAt(99), parts: { total: 1, hash: hashAt(0) } } },
              ],
            },
          }
        : undefined;
    const other = await rejectsWith(chain.reader.latestBlock(), 'chain/wrong-chain');
    assert.equal(other.meta.what, 'genesis hash');
  });

  test('HTML, and errors, name no more of the URL than its origin', async () => {
    node.raw = () => ({ status: 200, body: '<html>maintenance</html>' });
    const html = await rejectsWith(chain.reader.latestBlock(), 'chain/unavailable');
    node.raw = () => ({ status: 502, body: '<html>bad gateway</html>' });
    const gateway = await rejectsWith(chain.reader.latestBlock(), 'chain/unavailable');
    for (const error of [html, gateway]) {
      assert.equal(error.retryable, true);
      assert.ok(!`${error.message} ${JSON.stringify(error.meta)}`.includes('topsecretkey'));
    }
    assert.equal(chain.reader.origin, node.origin);
  });

  test('an answer of another shape is an outage', async () => {
    node.answer = ({ method }) =>
      method === 'abci_info' ? { result: { response: { last_block_height: {} } } } : undefined;
    const error = await rejectsWith(chain.reader.latestBlock(), 'chain/unavailable');
    assert.equal(error.meta.kind, 'malformed');
  });

  describe('events', () => {
    const tx = Uint8Array.of(1, 2, 3);
    const txHash = createHash('sha256').update(tx).digest();
    const packet = { sequence: 7n, sourceClient: 'attestations-0', destinationClient: 'client-0' };
    const packetEvent = (type: string, mode: string) => ({
      type,
      attributes: [
        ['packet_source_client', 'attestations-0'],
        ['packet_dest_client', 'client-0'],
        ['packet_sequence', '7'],
        [
          'encoded_packet_hex',
          Buffer.from(ProtoPacket.encode(ProtoPacket.fromPartial(packet)).finish()).toString('hex'),
        ],
        [mode, ''],
      ].map(([key, value]) => ({ key, value, index: true })),
    });
    const send = packetEvent('send_packet', 'msg_index');

    interface Scripted {
      /** Codes of the transactions, all of the same bytes. */
      readonly codes: readonly number[];
      readonly ofBlock?: readonly object[];
      /** Transactions that the header counts. */
      readonly counted?: number;
    }
    const script = (blocks: Readonly<Record<number, Scripted>>): void => {
      node.answer = ({ method, params }) => {
        const height = Number(params.height ?? params.maxHeight);
        const block = blocks[height];
        if (method === 'block_by_hash') {
          const hex = Buffer.from(String(params.hash), 'base64').toString('hex').toUpperCase();
          const at = Object.keys(blocks).find((one) => hashAt(Number(one)) === hex);
          return { result: { block_id: { hash: '' }, block: at === undefined ? null : { header: { height: at } } } };
        }
        if (method === 'tx')
          return {
            error: {
              code: -32603,
              message: 'Internal error',
              data: `tx (${Buffer.from(String(params.hash), 'base64').toString('hex')}) not found`,
            },
          };
        if (block === undefined) return undefined;
        if (method === 'blockchain') {
          const meta = blockMeta('gaia-1', height, block.counted ?? block.codes.length);
          return { result: { last_height: '10', block_metas: [meta] } };
        }
        if (method === 'block_results') {
          const results = block.codes.map((code) => ({ code, data: null, events: [send] }));
          return {
            result: {
              height: String(height),
              txs_results: results.length === 0 ? null : results,
              finalize_block_events: block.ofBlock ?? null,
              // CosmJS knows no such key.
              validator_updates: [{ pub_key: { Sum: { type: 'tendermint.crypto.PublicKey_Bls12381' } }, power: '1' }],
            },
          };
        }
        if (method !== 'block') return undefined;
        const { block_id, header } = blockMeta('gaia-1', height);
        const txs = block.codes.map(() => Buffer.from(tx).toString('base64'));
        const last_commit = { block_id, height: String(height - 1), round: 0, signatures: [] };
        return { result: { block_id, block: { header, data: { txs }, last_commit, evidence: { evidence: [] } } } };
      };
    };
    const read = async (from: bigint, to = from): Promise<PacketEvent[]> => {
      const found: PacketEvent[] = [];
      for await (const { events } of chain.events.events(from, to)) found.push(...events);
      return found;
    };

    test('the same transaction twice in a block, failed before and again later, hides nothing', async () => {
      script({ 5: { codes: [5] }, 7: { codes: [0, 19] }, 9: { codes: [32] } });
      assert.deepEqual(await read(5n), []);
      const [event, ...more] = await read(7n);
      assert.equal(more.length, 0);
      assert.equal(event?.txId, `0x${txHash.toString('hex')}`);
      assert.equal(event?.packet.sequence, 7n);
      assert.deepEqual(await read(9n), []);
    });

    test('what a block did outside of transactions goes by its hash', async () => {
      script({ 7: { codes: [0], ofBlock: [packetEvent('send_packet', 'mode'), { type: 'mint', attributes: null }] } });
      const events = await read(7n);
      const blockHash = `0x${hashAt(7).toLowerCase()}` as const;
      assert.deepEqual(
        events.map(({ type, txId }) => [type, txId]),
        [
          ['send', `0x${txHash.toString('hex')}`],
          ['send', blockHash],
        ],
      );
      assert.ok((events[0]?.index ?? 0) < (events[1]?.index ?? 0));
      assert.deepEqual(await chain.events.transactionEvents(blockHash), events);
      await rejectsWith(chain.events.transactionEvents(`0x${'ab'.repeat(32)}`), 'chain/tx-not-found');
    });

    test('a block is fetched only where its transactions have to do with packets', async () => {
      script({ 7: { codes: [4], ofBlock: [send] } });
      assert.equal((await read(7n)).length, 1);
      assert.ok(!node.calls.some(({ method }) => method === 'block'));
    });

    test('results of fewer transactions than the block holds are no empty block', async () => {
      script({ 7: { codes: [], counted: 1 } });
      const error = await rejectsWith(read(7n), 'chain/unavailable');
      assert.deepEqual([error.meta.kind, error.retryable], ['results-differ', true]);
    });

    test('a node that keeps no results says so for good', async () => {
      script({ 7: { codes: [] } });
      const { answer } = node;
      const data = 'node is not persisting finalize block responses';
      node.answer = (call) =>
        call.method === 'block_results' ? { error: { code: -32603, message: 'Internal error', data } } : answer(call);
      const error = await rejectsWith(read(7n), 'chain/unavailable');
      assert.equal(error.retryable, false);
    });
  });

  test('fills a gap between two heads that the subscription told of', async () => {
    node.webSocket = true;
    await chain.close();
    chain = connect({ pollIntervalMs: 60_000 });
    const heads = createWatched<BlockHeader>();
    const watch = chain.events.watchHeads({ onHead: (head) => heads.push(head) });
    await heads.until((seen) => seen.length === 1);
    while (node.subscribers === 0) await new Promise((resolve) => setImmediate(resolve));
    node.head = 14;
    node.announce(14);
    await heads.until((seen) => seen.at(-1)?.height === 14n);
    // Announced again, and a lie about the future: nothing is told twice, nothing that is not there.
    node.announce(14);
    node.announce(40);
    node.head = 15;
    node.announce(15);
    await heads.until((seen) => seen.at(-1)?.height === 15n);
    watch.close();
    assert.deepEqual(
      heads.items.map(({ height }) => height),
      [10n, 11n, 12n, 13n, 14n, 15n],
    );
  });

  test('polls where there is no subscription, and returns to one that broke', async () => {
    const sources = createWatched<string>();
    await chain.close();
    chain = createCosmosChain(
      { name: 'gaia', chainId: 'gaia-1', rpcUrl: node.url, pollIntervalMs: 20 },
      { onEvent: (event) => event.type === 'heads-source' && sources.push(event.source) },
    );
    const heads = createWatched<BlockHeader>();
    const watch = chain.events.watchHeads({ onHead: (head) => heads.push(head) });
    await heads.until((seen) => seen.length === 1);
    node.head = 11;
    await heads.until((seen) => seen.at(-1)?.height === 11n);
    node.webSocket = true;
    await sources.until((seen) => seen.at(-1) === 'subscription');
    node.cutWebSockets();
    await sources.until((seen) => seen.at(-1) === 'polling');
    await sources.until((seen) => seen.filter((source) => source === 'subscription').length === 2);
    watch.close();
  });

  test('refuses a configuration that cannot be meant', () => {
    const refused = (changes: Partial<CosmosChainConfig>): void =>
      assert.throws(() => connect(changes), { code: 'chain/invalid-input' });
    refused({ rpcUrl: 'ftp://x' });
    refused({ gasPrice: '0.025' });
    refused({ gasPrice: '-1stake' });
    refused({ bech32Prefix: 'Cosmos' });
    refused({ genesisHash: '0x12' });
    refused({ chainId: '' });
    refused({ maxBatchCalls: 1 });
    assert.throws(() => chain.createSender({ publicKey: new Uint8Array(33) } as never), {
      code: 'chain/invalid-input',
    });
  });
});
