import { setTimeout as sleep } from 'node:timers/promises';
import type { Address, Hex } from '@interchain-attestation/core';
import { startGeth } from '@interchain-attestation/go-tools';
import { privateKeyToAddress } from 'viem/accounts';
import type { ChainHarness } from '../conformance/index.ts';
import { deployIbcOn, type FixtureNode, RELAYER_KEY, type Receipt } from '../support/ibc-contracts.ts';
import { toEvmHarness } from './evm-harness.ts';

const THOUSAND_ETHER = '0x3635c9adc5dea00000';
const POLL_MS = 5;
const INCLUSION_TIMEOUT_MS = 20_000;

/** The EVM adapter on a real geth, which makes a block for each transaction and none without. */
export const createGethHarness = async (program: string): Promise<ChainHarness> => {
  const geth = await startGeth({ program });
  const included = async (hash: Hex): Promise<Receipt> => {
    const deadline = Date.now() + INCLUSION_TIMEOUT_MS;
    while (Date.now() < deadline) {
      // Right after its start geth says that it indexes, in place of an answer.
      const receipt = await geth.rpc<Receipt | null>('eth_getTransactionReceipt', [hash]).catch((error: Error) => {
        if (/indexing is in progress/.test(error.message)) return null;
        throw error;
      });
      if (receipt !== null) return receipt;
      await sleep(POLL_MS);
    }
    throw new Error(`transaction ${hash} of the fixture was not mined`);
  };
  const send = async (transaction: Readonly<Record<string, unknown>>): Promise<{ hash: Hex; receipt: Receipt }> => {
    const hash = await geth.rpc<Hex>('eth_sendTransaction', [{ from: geth.account, ...transaction }]);
    return { hash, receipt: await included(hash) };
  };
  const include: FixtureNode['include'] = (to, data) =>
    send({ data, gas: '0x1000000', ...(to === null ? {} : { to }) });
  const fill = async (blocks: number, value: Hex): Promise<void> => {
    for (let i = 0; i < blocks; i++) await send({ to: geth.account, value });
  };
  try {
    await send({ to: privateKeyToAddress(RELAYER_KEY), value: THOUSAND_ETHER });
    return await toEvmHarness({
      name: 'geth',
      chainId: '1337',
      rpcUrl: geth.rpcUrl,
      ibc: await deployIbcOn({ deployer: geth.account as Address, include }),
      // Without a transaction there is no block; after one there is sometimes an empty one too.
      makesBlocksByItself: true,
      mine: (blocks) => fill(blocks, '0x1'),
      reorg: async (depth) => {
        const head = Number(await geth.rpc<Hex>('eth_blockNumber'));
        await geth.rpc('debug_setHead', [`0x${(head - depth).toString(16)}`]);
        // Its pool follows a moment later: until then it would give out nonces that lie ahead.
        const nonceAt = (tag: string): Promise<Hex> => geth.rpc('eth_getTransactionCount', [geth.account, tag]);
        while ((await nonceAt('pending')) !== (await nonceAt('latest'))) await sleep(POLL_MS);
        await fill(depth, '0x2');
      },
      stop: () => geth.stop(),
    });
  } catch (error) {
    await geth.stop();
    throw error;
  }
};
