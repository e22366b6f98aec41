// Time from a request for one packet to its proof, 3 of 5 attestors in processes of their own, each packet new to all.
import { hexToBytes, privateKeyToAddress } from '@interchain-attestation/core';
import { proofApi } from '@interchain-attestation/proto';
import { createGrpcClient } from '@interchain-attestation/service';
import { parseProofApiConfig, startProofApi } from '../src/index.ts';
import { type AnvilChain, startAnvilChain } from '../test/support/anvil-chain.ts';
import { testKey } from '../test/support/test-attestor.ts';
import { createFleet, type FleetAddress } from './support/attestor-fleet.ts';

interface BenchCase {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** To the median with five healthy attestors in the same place. */
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

const DEAD: FleetAddress = { near: '127.0.0.1:1', far: '127.0.0.1:1' };

/** @param args number of requests a case; default 200 */
export const run = async (args: readonly string[]): Promise<BenchCase[]> => {
  const total = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 200);
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
    const fleets = { '5 healthy': fifth, '1 of 5 hung': hung, '1 of 5 lying': liar, '1 of 5 dead': DEAD };
    const cases: BenchCase[] = [];
    for (const [place, distance] of Object.entries({ '100 ms away': 'far', 'on this machine': 'near' } as const)) {
      const runs = Object.entries(fleets).map(([name, odd]) => ({
        name,
        addresses: [odd, ...four].map((address) => address[distance]),
        durations: [] as number[],
      }));
      for (let done = 0; done < total; done += PER_ROUND) {
        for (const { addresses, durations } of runs) {
          durations.push(...(await measure(a, b, addresses, Math.min(PER_ROUND, total - done))));
        }
      }
      cases.push(...toCases(place, runs));
    }
    return cases;
  } finally {
    await fleet.stop();
    await Promise.all([a.stop(), b.stop()]);
  }
};

/** The goal is set where distance, not the scheduling of one small machine, makes most of the time. */
const toCases = (
  place: string,
  runs: readonly { readonly name: string; readonly durations: readonly number[] }[],
): BenchCase[] => {
  const sorted = runs.map(({ name, durations }) => [name, durations.toSorted((x, y) => x - y)] as const);
  const healthyMedian = percentile(sorted[0]?.[1] ?? [], 0.5);
  return sorted.flatMap(([name, durations]): BenchCase[] => {
    const p99 = percentile(durations, 0.99);
    const p99ToHealthyMedian = p99 / healthyMedian;
    const hasGoal = name === '1 of 5 hung' && place === '100 ms away';
    const goal = hasGoal ? { goal: 'p99 <= 1.2 x healthy median', ok: p99ToHealthyMedian <= 1.2 } : {};
    return [
      { name: `attestors ${place}, ${name}, median`, value: percentile(durations, 0.5), unit: 'ms' },
      { name: `attestors ${place}, ${name}, p99`, value: p99, unit: 'ms', ratio: p99ToHealthyMedian, ...goal },
    ];
  });
};
