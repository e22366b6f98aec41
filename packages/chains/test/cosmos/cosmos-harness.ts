import {
  createMemorySigner,
  type Signer,
  type TransactionReceipt,
  type TxSender,
} from '@interchain-attestation/chains';
import {
  type CosmosChain,
  type CosmosChainConfig,
  type CosmosChainDeps,
  cosmosAddress,
  createCosmosChain,
} from '@interchain-attestation/chains/cosmos';
import type { Packet } from '@interchain-attestation/core';
import { goProgram, type IbcGoChain, startIbcGoChain } from '@interchain-attestation/go-tools';
import type { ChainHarness } from '../conformance/index.ts';
import { throughEndpoints } from '../support/through-endpoints.ts';
import { body, createClient, registerCounterparty, sendTransfer } from './ibc-messages.ts';
import { startMeddlingProxy } from './meddling-proxy.ts';

export const CHAIN_ID = 'gaia-1';
export const ATTESTORS = [
  '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
] as const;
const COINS = '1000000000000stake,1000000000000token';
const RELAYER = createMemorySigner(`0x${'11'.repeat(32)}`);
const USER = createMemorySigner(`0x${'22'.repeat(32)}`);
const SPENDTHRIFT = createMemorySigner(`0x${'33'.repeat(32)}`);
const CLIENT_HEIGHT = 5n;
const CLIENT_TIMESTAMP_SEC = 1_700_000_000n;

/** An ibc-go chain with funded accounts and an attestation client. */
export interface CosmosFixture {
  readonly node: IbcGoChain;
  readonly chain: CosmosChain;
  /** Another adapter to the same node. */
  connect(deps?: CosmosChainDeps, changes?: Partial<CosmosChainConfig>): CosmosChain;
  /** Signs for an account that nothing else uses. */
  readonly relayer: Signer;
  readonly relayerAddress: string;
  readonly user: TxSender;
  readonly clientId: string;
  readonly timeoutSec: bigint;
  /** Sends a packet from another account than the relayer's. */
  sendPacket(): Promise<TransactionReceipt>;
  stop(): Promise<void>;
}

export const startCosmosFixture = async (): Promise<CosmosFixture> => {
  const program = await goProgram('ibc-go-chain');
  if ('missing' in program) throw new Error(program.missing);
  const relayerAddress = cosmosAddress(RELAYER.publicKey, 'cosmos');
  const userAddress = cosmosAddress(USER.publicKey, 'cosmos');
  const node = await startIbcGoChain({
    program: program.path,
    chainId: CHAIN_ID,
    timeoutCommitMs: 300,
    accounts: [RELAYER, USER, SPENDTHRIFT].map(({ publicKey }) => ({
      address: cosmosAddress(publicKey, 'cosmos'),
      coins: COINS,
    })),
  });
  const connect: CosmosFixture['connect'] = (deps, changes) =>
    createCosmosChain(
      {
        name: 'gaia',
        chainId: CHAIN_ID,
        rpcUrl: node.rpcUrl,
        gasPrice: '0.025stake',
        finalityCacheMs: 0,
        // Under the load of a whole test run a node answers late.
        requestTimeoutMs: 20_000,
        ...changes,
      },
      deps,
    );
  const chain = connect();
  const user = chain.createSender(USER);
  const { timestampSec } = await chain.reader.latestBlock();
  const timeoutSec = timestampSec + 3_600n;
  const clientId = 'attestations-0';
  const deploy = async (): Promise<void> => {
    const created = await user.submit(
      body(
        createClient({
          attestors: ATTESTORS,
          minRequiredSigs: 2,
          latestHeight: CLIENT_HEIGHT,
          timestampSec: CLIENT_TIMESTAMP_SEC,
          signer: userAddress,
        }),
      ),
    );
    if (!created.success) throw new Error(created.failure);
    const registered = await user.submit(body(registerCounterparty(clientId, 'client-7', userAddress)));
    if (!registered.success) throw new Error(registered.failure);
  };
  const stop = async (): Promise<void> => {
    await chain.close();
    await node.stop();
  };
  try {
    await deploy();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    node,
    chain,
    connect,
    relayer: RELAYER,
    relayerAddress,
    user,
    clientId,
    timeoutSec,
    sendPacket: () => user.submit(body(sendTransfer({ clientId, signer: userAddress, timeoutSec }))),
    stop,
  };
};

/** Resolves with the first head at or above `height`. */
export const untilHeight = (chain: CosmosChain, height: bigint): Promise<void> =>
  new Promise((resolve) => {
    const watch = chain.events.watchHeads({
      onHead(head) {
        if (head.height < height) return;
        watch.close();
        resolve();
      },
    });
  });

/**
 * The Cosmos adapter on a real ibc-go chain. The chain stays when the harness stops: suites share it.
 * @param endpoints that must agree, a majority of them
 */
export const createCosmosHarness = async (fixture: CosmosFixture, endpoints = 1): Promise<ChainHarness> => {
  const { clientId, timeoutSec, relayerAddress } = fixture;
  const chain = fixture.connect();
  // The same chain as it looks without IBC v2: the application does not know the queries.
  const proxy = await startMeddlingProxy(fixture.node.port, (request, forward) =>
    forward(request.replaceAll('/ibc.core.channel.v2.', '/ibc.core.channel.v9.')),
  );
  const wrong = createCosmosChain({ name: 'no-ibc', chainId: CHAIN_ID, rpcUrl: proxy.url, requestTimeoutMs: 20_000 });
  const readers = [chain, ...Array.from({ length: endpoints - 1 }, () => fixture.connect())].map(
    ({ reader }) => reader,
  );
  const sender = chain.createSender(fixture.relayer);
  // Enough gas for the checks before a block, too little for what the message does in it.
  const spendthrift = chain.createSender(SPENDTHRIFT, { gasAdjustment: 0.8 });
  const transfer = (memo = '') => body(sendTransfer({ clientId, signer: relayerAddress, timeoutSec, memo }));
  return {
    ...chain,
    reader: throughEndpoints(readers),
    sender,
    makesBlocksByItself: true,
    finalityOffset: 0,
    genesisHeight: 1n,
    readerOfNoRouter: throughEndpoints(readers.map(() => wrong.reader)),
    client: {
      id: clientId,
      counterpartyId: 'client-7',
      attestors: ATTESTORS,
      minRequiredSigs: 2,
      latestHeight: CLIENT_HEIGHT,
      latestTimestampSec: CLIENT_TIMESTAMP_SEC,
      verifiesOncePerTransaction: false,
    },
    async mine(blocks) {
      const { height } = await chain.reader.latestBlock();
      await untilHeight(chain, height + BigInt(blocks));
    },
    async sendPacket() {
      const { txId, events } = await fixture.sendPacket();
      return { txId, packet: events[0]?.packet as Packet };
    },
    async failTransaction() {
      const { txId, success } = await spendthrift.submit(
        body(sendTransfer({ clientId, signer: spendthrift.account, timeoutSec })),
      );
      if (success) throw new Error('the transaction was to fail');
      return txId;
    },
    transactions: {
      good: transfer(),
      reverting: body(sendTransfer({ clientId: 'attestations-404', signer: relayerAddress, timeoutSec })),
      revertName: 'clientv2/35',
      tooLarge: transfer('x'.repeat(480_000)),
    },
    async stop() {
      await Promise.all([...readers.map((reader) => reader.close()), chain.close(), wrong.close()]);
      await proxy.stop();
    },
  };
};
