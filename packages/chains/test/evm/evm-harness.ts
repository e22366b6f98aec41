import { createMemorySigner, type UnsignedTransaction } from '@interchain-attestation/chains';
import { createEvmChain } from '@interchain-attestation/chains/evm';
import { ics26RouterAbi, minimalAppArtifact } from '@interchain-attestation/contracts';
import { hexToBytes, type Packet } from '@interchain-attestation/core';
import { type Abi, encodeFunctionData } from 'viem';
import { type ChainHarness, FINALITY_OFFSET } from '../conformance/index.ts';
import { startAnvil } from '../support/anvil.ts';
import { type Deployment, deployIbc, RELAYER_KEY } from '../support/ibc-contracts.ts';
import { throughEndpoints } from '../support/through-endpoints.ts';

const TIMEOUT_MARGIN_SEC = 3_600n;

/** A node that stands, with the real contracts on it. */
export interface EvmFixture {
  readonly name: string;
  readonly chainId: string;
  readonly rpcUrl: string;
  readonly ibc: Deployment;
  /** As {@link ChainHarness.makesBlocksByItself}. */
  readonly makesBlocksByItself?: boolean;
  mine(blocks: number): Promise<void>;
  reorg?(depth: number): Promise<void>;
  stop(): Promise<void>;
  /** RPC endpoints that must agree; one by default. */
  readonly endpoints?: number;
}

/** The EVM adapter over a fixture. */
export const toEvmHarness = async (fixture: EvmFixture): Promise<ChainHarness> => {
  const { ibc, name, chainId, rpcUrl, mine, reorg, makesBlocksByItself = false, endpoints = 1 } = fixture;
  const base = { name, chainId, rpcUrl, finality: { offset: FINALITY_OFFSET } } as const;
  const connect = () => createEvmChain({ ...base, router: ibc.router, finalityCacheMs: 0 });
  const chain = connect();
  const wrong = createEvmChain({ ...base, router: ibc.app, routerKind: 'plain' });
  const readers = [chain, ...Array.from({ length: endpoints - 1 }, connect)].map(({ reader }) => reader);
  const { timestampSec } = await chain.reader.latestBlock();
  const timeoutSec = timestampSec + TIMEOUT_MARGIN_SEC;
  const call = (to: string, abi: Abi, functionName: string, args: readonly unknown[]): UnsignedTransaction => ({
    tx: hexToBytes(encodeFunctionData({ abi, functionName, args })),
    address: to,
  });
  const payload = { sourcePort: ibc.port, destPort: ibc.port, version: 'v1', encoding: 'raw', value: '0x1234' };
  return {
    ...chain,
    reader: throughEndpoints(readers),
    sender: chain.createSender(createMemorySigner(RELAYER_KEY)),
    readerOfNoRouter: throughEndpoints(readers.map(() => wrong.reader)),
    client: {
      id: ibc.clientId,
      counterpartyId: 'client-7',
      attestors: ibc.attestors,
      minRequiredSigs: 2,
      latestHeight: 5n,
      latestTimestampSec: 1_700_000_000n,
      verifiesOncePerTransaction: true,
    },
    makesBlocksByItself,
    mine,
    ...(reorg === undefined ? {} : { reorg }),
    async sendPacket() {
      const txId = await ibc.sendPacket('0x1234', timeoutSec);
      const [event] = await chain.events.transactionEvents(txId);
      if (event === undefined) throw new Error('the fixture sent no packet');
      const packet: Packet = event.packet;
      return { txId, packet };
    },
    failTransaction: () => ibc.fail(),
    transactions: {
      good: call(ibc.app, minimalAppArtifact.abi as Abi, 'send', [
        ibc.router,
        { sourceClient: ibc.clientId, timeoutTimestamp: timeoutSec, payload },
      ]),
      reverting: call(ibc.router, ics26RouterAbi as Abi, 'updateClient', ['client-404', '0x']),
      revertName: 'IBCClientNotFound',
      tooLarge: { tx: new Uint8Array(131_072), address: ibc.router },
    },
    async stop() {
      await Promise.all([...readers.map((reader) => reader.close()), chain.close(), wrong.close()]);
      await fixture.stop();
    },
  };
};

/** The EVM adapter on a real anvil that makes a block a transaction. @param endpoints that must agree, a majority of them */
export const createEvmHarness = async (endpoints = 1): Promise<ChainHarness> => {
  const anvil = await startAnvil();
  return toEvmHarness({
    name: 'anvil',
    endpoints,
    chainId: '31337',
    rpcUrl: anvil.url,
    ibc: await deployIbc(anvil),
    mine: async (blocks) => {
      await anvil.rpc('anvil_mine', [`0x${blocks.toString(16)}`]);
    },
    reorg: async (depth) => {
      await anvil.rpc('anvil_reorg', [depth, []]);
    },
    stop: () => anvil.stop(),
  });
};
