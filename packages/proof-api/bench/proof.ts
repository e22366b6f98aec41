// Time from a request for one packet to its proof, 3 of 5 attestors in processes of their own, each packet new to all.
import { setTimeout as sleep } from 'node:timers/promises';
import { hexToBytes, privateKeyToAddress } from '@interchain-attestation/core';
import { attestor, proofApi } from '@interchain-attestation/proto';
import { createGrpcClient } from '@interchain-attestation/service';
import { parseProofApiConfig, startProofApi } from '../src/index.ts';
import { type AnvilChain, startAnvilChain } from '../test/support/anvil-chain.ts';
import { testKey } from '../test/support/test-attestor.ts';
import { createFleet, type FleetAddress } from './support/attestor-fleet.ts';

interface BenchCase {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** To the median with five healthy attestors in the same place; of a bare round trip, to its own median. */
  readonly ratio?: number;
  readonly goal?: string;
  readonly ok?: boolean;
}

const CLIENT = 'client-0';
/** Requests of a case in one round; rounds alternate between cases, so that a drift of the machine hits all alike. */
const PER_ROUND = 25;
const WARM_UP = 5;
/** Between two requests, in ms: the answers that came after the quorum have their end before the next one begins. */
const PACE_MS = 15;

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;

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

/**
 * Requests one after the other, each for a packet of a block of its own that nobody has been asked about. All blocks are
 * there before the first request, so that only the request itself is at work; milliseconds of each, and of the cores that
 * this process (proof API and caller) used for one.
 */
const measure = async (
  a: AnvilChain,
  b: AnvilChain,
  addresses: readonly string[],
  count: number,
): Promise<{ readonly durations: readonly number[]; readonly cpuMs: number }> => {
  const timeoutSec = (await a.chain.reader.latestBlock()).timestampSec + 3_600n;
  const txs = await a.sendPackets(WARM_UP + count, CLIENT, timeoutSec);
  const config = parseProofApiConfig({
    listenAddress: '127.0.0.1:0',
    sources: [{ chain: 'a', attestors: addresses.map((address, i) => ({ name: `attestor-${i}`, address })) }],
    routes: [{ source: 'a', dest: 'b' }],
  });
  const running = await startProofApi({ chains: [a.chain, b.chain] }, config);
  const client = createGrpcClient(proofApi.ProofApiService, { address: `127.0.0.1:${running.port}` });
  const durations: number[] = [];
  const startedCpu = process.cpuUsage();
  try {
    for (const tx of txs) {
      await sleep(PACE_MS);
      const startedMs = performance.now();
      await client.relayByTx({ srcChain: 'a', dstChain: 'b', sourceTxIds: [hexToBytes(tx)] });
      durations.push(performance.now() - startedMs);
    }
    const { user, system } = process.cpuUsage(startedCpu);
    return { durations: durations.slice(WARM_UP), cpuMs: (user + system) / 1_000 / txs.length };
  } finally {
    client.close();
    await running.close();
  }
};

/** Round trips of the smallest call to one attestor: what this machine alone adds to any call, in ms. */
const measureNoise = async (address: string, count: number): Promise<number[]> => {
  const client = createGrpcClient(attestor.AttestationService, { address });
  const durations: number[] = [];
  try {
    for (let i = -WARM_UP; i < count; i++) {
      await sleep(PACE_MS);
      const startedMs = performance.now();
      await client.latestHeight({});
      if (i >= 0) durations.push(performance.now() - startedMs);
    }
  } finally {
    client.close();
  }
  return durations;
};

interface Series {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly durations: number[];
  /** One a round. */
  readonly cpuMs: number[];
}

const DEAD: FleetAddress = { near: '127.0.0.1:1', far: '127.0.0.1:1' };
const PLACES = { 'on this machine': 'near', '100 ms away': 'far' } as const;
/** Requests before anything is measured: attestors and proof API run compiled code from then on. */
const HEAT = 250;

/** @param args number of requests a case, default 200; `far` to measure with attestors 100 ms away as well */
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
    const odd = { '5 healthy': fifth, '1 of 5 hung': hung, '1 of 5 lying': liar, '1 of 5 dead': DEAD };
    const cases: BenchCase[] = [];
    for (const [place, distance] of Object.entries(PLACES)) {
      if (distance === 'far' && !args.includes('far')) continue;
      const series = Object.entries(odd).map(([name, one]): Series => {
        return { name, addresses: [one, ...four].map((address) => address[distance]), durations: [], cpuMs: [] };
      });
      const healthy = series[0]?.addresses ?? [];
      for (let done = 0; done < HEAT; done += PER_ROUND) await measure(a, b, healthy, PER_ROUND);
      const noise: number[] = [];
      for (let done = 0; done < total; done += PER_ROUND) {
        const count = Math.min(PER_ROUND, total - done);
        for (const { addresses, durations, cpuMs } of series) {
          const measured = await measure(a, b, addresses, count);
          durations.push(...measured.durations);
          cpuMs.push(measured.cpuMs);
        }
        noise.push(...(await measureNoise(healthy[0] ?? '', count)));
      }
      cases.push(...toCases(place, series, noise));
    }
    return cases;
  } finally {
    await fleet.stop();
    await Promise.all([a.stop(), b.stop()]);
  }
};

/**
 * The goal is judged as it is worded; the same ratio of the healthy case, and of a bare round trip, tell how much of it
 * is the machine's.
 */
const toCases = (place: string, series: readonly Series[], noise: readonly number[]): BenchCase[] => {
  const sorted = series.map(({ name, durations }) => [name, durations.toSorted((x, y) => x - y)] as const);
  const healthyMedian = percentile(sorted[0]?.[1] ?? [], 0.5);
  const row = (name: string, durations: readonly number[], median: number, isGoal: boolean): BenchCase[] => {
    const p99 = percentile(durations, 0.99);
    const goal = isGoal ? { goal: 'p99 <= 1.2 x healthy median', ok: p99 / median <= 1.2 } : {};
    return [
      { name: `attestors ${place}, ${name}, median`, value: percentile(durations, 0.5), unit: 'ms' },
      { name: `attestors ${place}, ${name}, p90`, value: percentile(durations, 0.9), unit: 'ms' },
      { name: `attestors ${place}, ${name}, p99`, value: p99, unit: 'ms', ratio: p99 / median, ...goal },
    ];
  };
  const cpu = (series[0]?.cpuMs ?? []).toSorted((x, y) => x - y);
  const bare = noise.toSorted((x, y) => x - y);
  return [
    ...sorted.flatMap(([name, durations]) => row(name, durations, healthyMedian, name === '1 of 5 hung')),
    {
      name: `attestors ${place}, 5 healthy, CPU of proof API and caller a request, median`,
      value: percentile(cpu, 0.5),
      unit: 'ms',
    },
    ...row('a bare round trip to one', bare, percentile(bare, 0.5), false),
  ];
};
