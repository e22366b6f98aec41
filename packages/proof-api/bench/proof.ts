// Time from a request for one packet to its proof, 3 of 5 attestors in processes of their own, each packet new to all.
import { hexToBytes, privateKeyToAddress } from '@interchain-attestation/core';
import { proofApi } from '@interchain-attestation/proto';
import { createGrpcClient } from '@interchain-attestation/service';
import { parseProofApiConfig, startProofApi } from '../src/index.ts';
import { type AnvilChain, startAnvilChain } from '../test/support/anvil-chain.ts';
import { testKey } from '../test/support/test-attestor.ts';
import { createFleet } from './support/attestor-fleet.ts';

interface BenchCase {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly ratio?: number;
  readonly goal?: string;
  readonly ok?: boolean;
}

const CLIENT = 'client-0';
/** Requests of a case in one round; rounds alternate between cases, so that a drift of the machine hits all alike. */
const PER_ROUND = 10;
const WARM_UP = 5;

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;

const setUp = async (a: AnvilChain, b: AnvilChain): Promise<void> => {
  const { timestampSec, height } = await a.chain.reader.latestBlock();
  const config = parseProofApiConfig({
    listenAddress: '127.0.0.1:0',
    sources: [{ chain: 'a', attestors: [{ name: 'none', address: '127.0.0.1:1' }] }],
    routes: [{ source: 'a', dest: 'b' }],
  });
  const running = await startProofApi({ chains: [a.chain, b.chain] }, config);
  const client = createGrpcClient(proofApi.ProofApiService, { address: `127.0.0.1:${running.port}` });
  const attestors = [0, 1, 2, 3, 4].map((i) => privateKeyToAddress(testKey(i))).join(',');
  const parameters = {
    attestor_addresses: attestors,
    min_required_sigs: '3',
    height: height.toString(),
    timestamp: timestampSec.toString(),
  };
  const { tx } = await client.createClient({ srcChain: 'a', dstChain: 'b', parameters });
  const lightClient = await b.deployCode(tx);
  await b.addClient(CLIENT, lightClient);
  await a.addClient(CLIENT, lightClient);
  client.close();
  await running.close();
};

/** Requests one after the other, each for a packet sent just before; milliseconds of each. */
const measure = async (
  a: AnvilChain,
  b: AnvilChain,
  addresses: readonly string[],
  count: number,
): Promise<number[]> => {
  const config = parseProofApiConfig({
    listenAddress: '127.0.0.1:0',
    sources: [{ chain: 'a', attestors: addresses.map((address, i) => ({ name: `attestor-${i}`, address })) }],
    routes: [{ source: 'a', dest: 'b' }],
  });
  const running = await startProofApi({ chains: [a.chain, b.chain] }, config);
  const client = createGrpcClient(proofApi.ProofApiService, { address: `127.0.0.1:${running.port}` });
  const timeoutSec = (await a.chain.reader.latestBlock()).timestampSec + 3_600n;
  const durations: number[] = [];
  try {
    for (let i = -WARM_UP; i < count; i++) {
      const [tx] = await a.sendPackets(1, CLIENT, timeoutSec);
      const startedMs = performance.now();
      await client.relayByTx({ srcChain: 'a', dstChain: 'b', sourceTxIds: [hexToBytes(tx ?? '')] });
      if (i >= 0) durations.push(performance.now() - startedMs);
    }
  } finally {
    client.close();
    await running.close();
  }
  return durations;
};

/** @param args number of requests a case; default 300 */
export const run = async (args: readonly string[]): Promise<BenchCase[]> => {
  const total = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 300);
  const [a, b] = await Promise.all([startAnvilChain('a', 31_337), startAnvilChain('b', 31_338)]);
  const fleet = await createFleet(a);
  try {
    await setUp(a, b);
    const four = await Promise.all([0, 1, 2, 3].map((i) => fleet.start(`honest-${i}`, i)));
    const [fifth, hung, liar] = await Promise.all([
      fleet.start('honest-4', 4),
      fleet.start('hung', 4),
      fleet.start('liar', 4, true),
    ]);
    fleet.signal('hung', 'SIGSTOP');
    const cases: readonly (readonly [name: string, addresses: readonly string[], durations: number[]])[] = [
      ['5 healthy', [...four, fifth], []],
      ['1 of 5 hung', [hung, ...four], []],
      ['1 of 5 lying', [liar, ...four], []],
      ['1 of 5 dead', ['127.0.0.1:1', ...four], []],
    ];
    for (let done = 0; done < total; done += PER_ROUND) {
      for (const [, addresses, durations] of cases) {
        durations.push(...(await measure(a, b, addresses, Math.min(PER_ROUND, total - done))));
      }
    }
    const sorted = cases.map(([name, , durations]) => [name, durations.toSorted((x, y) => x - y)] as const);
    const healthyMedian = percentile(sorted[0]?.[1] ?? [], 0.5);
    return sorted.flatMap(([name, durations]): BenchCase[] => {
      const p99 = percentile(durations, 0.99);
      const ratio = p99 / healthyMedian;
      const goal = name === '1 of 5 hung' ? { goal: '<= 1.2 x healthy median', ok: ratio <= 1.2 } : {};
      return [
        { name: `${name}, median`, value: percentile(durations, 0.5), unit: 'ms' },
        { name: `${name}, p99`, value: p99, unit: 'ms', ratio, ...goal },
      ];
    });
  } finally {
    await fleet.stop();
    await Promise.all([a.stop(), b.stop()]);
  }
};
