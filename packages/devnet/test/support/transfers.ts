import assert from 'node:assert/strict';
import type { Hex } from '@interchain-attestation/core';
import {
  balanceOf,
  type ChainName,
  type Devnet,
  otherChain,
  type PacketTracker,
  sendTransfers,
  type TrackedPacket,
  type TransferOptions,
  voucherOf,
} from '../../src/index.ts';

/** One token unit from Alice on `from` to Bob on the other chain, so many times, all broadcast at once. */
export const sendMany = async (
  net: Devnet,
  tracker: PacketTracker,
  count: number,
  options: { readonly from?: ChainName } & Partial<TransferOptions> = {},
): Promise<readonly TrackedPacket[]> => {
  const { from = 'alpha', ...rest } = options;
  const chain = net.chains[from];
  const hashes = await sendTransfers({
    chain,
    sender: net.users.alice,
    token: chain.token,
    amount: 1n,
    receiver: net.users.bob.address,
    count,
    ...rest,
  });
  try {
    return await tracker.sentBy(hashes);
  } catch (error) {
    const fates = await Promise.all(hashes.map((hash) => fateOf(net, from, hash)));
    throw new Error(`${(error as Error).message}\n${fates.join('\n')}`, { cause: error });
  }
};

/** While the relayer stands still: what is sent meanwhile is taken up all at once, and nothing is quick enough by chance. */
export const whileRelayerSleeps = async <T>(net: Devnet, work: () => Promise<T>): Promise<T> => {
  net.relayer?.process.stop();
  try {
    return await work();
  } finally {
    net.relayer?.process.cont();
  }
};

/** What the node says about a transaction that sent no packet. */
const fateOf = async (net: Devnet, name: ChainName, hash: Hex): Promise<string> => {
  const { rpc } = net.chains[name];
  const ask = async (method: string, ...params: unknown[]): Promise<string> =>
    JSON.stringify(await rpc(method, params).catch((error: unknown) => (error as Error).message));
  return [
    `${hash} is ${await ask('eth_getTransactionByHash', hash)}`,
    `receipt ${await ask('eth_getTransactionReceipt', hash)}`,
    `pool ${await ask('txpool_content')}, head ${await ask('eth_blockNumber')}`,
  ].join('\n  ');
};

/** Bob's vouchers on the chain opposite of `from`, for the native token of `from`. */
export const vouchersOfBob = async (net: Devnet, from: ChainName): Promise<bigint> => {
  const there = net.chains[otherChain(from)];
  const voucher = await voucherOf(there, net.chains[from].token);
  return voucher === undefined ? 0n : balanceOf(there, voucher, net.users.bob.address);
};

const explain = (net: Devnet): string =>
  net.processes.map(({ name, state, output }) => `--- ${name} (${state})\n${output.slice(-8).join('\n')}`).join('\n');

/** Waits until all packets have ended as expected; says what the processes wrote last when they do not. */
export const ended = async (
  net: Devnet,
  tracker: PacketTracker,
  packets: readonly TrackedPacket[],
  outcome: TrackedPacket['outcome'] = 'delivered',
  timeoutMs = 45_000,
): Promise<readonly TrackedPacket[]> => {
  try {
    const done = await tracker.until(packets, (packet) => packet.outcome !== undefined, { timeoutMs });
    assert.deepEqual([...new Set(done.map((packet) => packet.outcome))], [outcome]);
    return done;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${explain(net)}`, { cause: error });
  }
};
