import { setTimeout as delay } from 'node:timers/promises';
import { type Devnet, type DevnetChain, sendTransfers } from '@interchain-attestation/devnet';
import { type BlockClock, startBlockClock } from './block-clock.ts';
import { usageOf } from './usage.ts';

/** Times of one packet in milliseconds, by the arrival of the blocks that held its transactions. */
export interface PacketTimes {
  /** From the call that broadcasts the send to its block. */
  readonly included: number;
  readonly sendToReceive: number;
  readonly receiveToAck: number;
  readonly sendToAck: number;
  readonly broadcastToAck: number;
}

export interface RunResult {
  readonly packets: readonly PacketTimes[];
  readonly transactions: number;
  readonly gas: bigint;
  readonly cpuSec: number;
  readonly memoryMb: number;
}

interface PacketLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly blockNumber: string;
  readonly transactionHash: string;
}

/** keccak256 of the events' signatures, as the routers emit them. */
export interface Topics {
  readonly receive: string;
  readonly acknowledge: string;
}

const TIMEOUT_MS = 120_000;
const BLOCK_MS = 1_000;

/** A network with what the bench measures by. */
export interface Meter {
  run(count: number): Promise<RunResult>;
  close(): void;
}

const logsOf = (chain: DevnetChain, from: bigint, topic: string): Promise<readonly PacketLog[]> =>
  chain.rpc('eth_getLogs', [
    { address: chain.router, topics: [topic], fromBlock: `0x${from.toString(16)}`, toBlock: 'latest' },
  ]) as Promise<readonly PacketLog[]>;

interface Call {
  readonly to: `0x${string}`;
  readonly data: `0x${string}`;
  readonly gas: bigint;
}

/** The call of a transaction, once it was mined. */
const minedCall = async (chain: DevnetChain, clock: BlockClock, hash: string): Promise<Call> => {
  for (;;) {
    const { to, input, gas, blockNumber } = (await chain.rpc('eth_getTransactionByHash', [hash])) as {
      readonly to: Call['to'];
      readonly input: Call['data'];
      readonly gas: string;
      readonly blockNumber: string | null;
    };
    if (blockNumber !== null) return { to, data: input, gas: BigInt(gas) };
    await clock.next();
  }
};

/** Signs the sends in advance: what a user's wallet takes for it is no part of relaying. */
const signTransfers = async (net: Devnet, call: Call, count: number): Promise<readonly string[]> => {
  const { alpha } = net.chains;
  const { alice } = net.users;
  const wallet = alpha.wallet(alice);
  const account = wallet.account ?? alice.address;
  const nonce = Number((await alpha.rpc('eth_getTransactionCount', [alice.address, 'pending'])) as string);
  const fees = await alpha.client.estimateFeesPerGas();
  const signed: string[] = [];
  for (let i = 0; i < count; i++) {
    const { maxPriorityFeePerGas } = fees;
    const maxFeePerGas = fees.maxFeePerGas * 2n;
    const request = {
      ...call,
      account,
      chain: wallet.chain ?? null,
      nonce: nonce + i,
      maxFeePerGas,
      maxPriorityFeePerGas,
    };
    signed.push(await wallet.signTransaction(request));
  }
  return signed;
};

/** Attaches to a network. */
export const createMeter = async (net: Devnet, topics: Topics): Promise<Meter> => {
  const { alpha, beta } = net.chains;
  const clocks: Readonly<Record<'alpha' | 'beta', BlockClock>> = {
    alpha: await startBlockClock(alpha),
    beta: await startBlockClock(beta),
  };
  const ours = net.processes.filter(({ name }) => !name.startsWith('chain '));
  const headOf = async (chain: DevnetChain): Promise<bigint> =>
    BigInt((await chain.rpc('eth_blockNumber', [])) as string);

  // One real transfer: makes the escrow and the voucher, without which the first would cost more, and is the model of
  // all others.
  const [model] = await sendTransfers({
    chain: alpha,
    sender: net.users.alice,
    token: alpha.token,
    amount: 1n,
    receiver: net.users.bob.address,
    timeoutSec: 3_000,
  });
  const template = await minedCall(alpha, clocks.alpha, model ?? '0x');

  while ((await logsOf(alpha, 0n, topics.acknowledge)).length === 0) await clocks.alpha.next();

  const run = async (count: number): Promise<RunResult> => {
    await clocks.alpha.next();
    // Two chains do not tick together: where the blocks of one fall between those of the other is left to chance, anew
    // for each run. And a user sends at any moment between two blocks.
    await delay(Math.random() * BLOCK_MS);
    await beta.rpc('evm_setIntervalMining', [BLOCK_MS / 1_000]);
    const signed = await signTransfers(net, template, count);
    await clocks.alpha.next();
    await delay(Math.random() * BLOCK_MS);
    const first = { alpha: (await headOf(alpha)) + 1n, beta: (await headOf(beta)) + 1n };
    const before = usageOf(ours);
    const startMs = Date.now();
    const hashes = await Promise.all(
      signed.map((raw) => alpha.rpc('eth_sendRawTransaction', [raw]) as Promise<string>),
    );
    let acks: readonly PacketLog[] = [];
    while (acks.length < count) {
      if (Date.now() - startMs > TIMEOUT_MS) throw new Error(`${acks.length} of ${count} acknowledged in time`);
      await clocks.alpha.next();
      acks = await logsOf(alpha, first.alpha, topics.acknowledge);
    }
    const after = usageOf(ours);
    const receives = await logsOf(beta, first.beta, topics.receive);
    const sendReceipts = await Promise.all(hashes.map((hash) => receiptOf(alpha, hash)));
    const bySequence = (logs: readonly PacketLog[]): ReadonlyMap<string, PacketLog> =>
      new Map(logs.map((log) => [log.topics[2] ?? '', log]));
    const received = bySequence(receives);
    const acknowledged = bySequence(acks);
    const packets = sendReceipts.map(({ blockNumber, logs }): PacketTimes => {
      const sequence = logs.find((log) => acknowledged.has(log.topics[2] ?? ''))?.topics[2] ?? '';
      const sent = clocks.alpha.arrivedMs(BigInt(blockNumber));
      const receive = clocks.beta.arrivedMs(BigInt(received.get(sequence)?.blockNumber ?? 0));
      const ack = clocks.alpha.arrivedMs(BigInt(acknowledged.get(sequence)?.blockNumber ?? 0));
      return {
        included: sent - startMs,
        sendToReceive: receive - sent,
        receiveToAck: ack - receive,
        sendToAck: ack - sent,
        broadcastToAck: ack - startMs,
      };
    });
    const used = await Promise.all([
      ...[...new Set(receives.map((log) => log.transactionHash))].map((hash) => receiptOf(beta, hash)),
      ...[...new Set(acks.map((log) => log.transactionHash))].map((hash) => receiptOf(alpha, hash)),
    ]);
    return {
      packets,
      transactions: used.length,
      gas: used.reduce((sum, { gasUsed }) => sum + BigInt(gasUsed), 0n),
      cpuSec: after.cpuSec - before.cpuSec,
      memoryMb: after.memoryMb,
    };
  };
  return {
    run,
    close: () => {
      clocks.alpha.close();
      clocks.beta.close();
    },
  };
};

const receiptOf = (
  chain: DevnetChain,
  hash: string,
): Promise<{ readonly blockNumber: string; readonly gasUsed: string; readonly logs: readonly PacketLog[] }> =>
  chain.rpc('eth_getTransactionReceipt', [hash]) as never;
