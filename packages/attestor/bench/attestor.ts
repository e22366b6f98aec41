import { loadavg } from 'node:os';
import { signDigest } from '@interchain-attestation/core';
import {
  connectionsTo,
  createBenchChain,
  packetRequest,
  startBenchAttestor,
  stateRequest,
} from './attestor/fixture.ts';
import { type EncodedRequest, runLoad } from './attestor/h2-load.ts';

/** One figure. `ratio` is ours to the peer's. */
export interface BenchCase {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: number;
  readonly ratio?: number;
  readonly goal?: string;
  readonly ok?: boolean;
}

interface Peer {
  readonly requestsPerSec: number;
  readonly p99Ms?: number;
  readonly cpuMs?: number;
}

/** The Rust attestor, measured on 2 cores shared with anvil and the load (it cannot run here). */
const PEER: Readonly<Record<string, Readonly<Record<number, Peer>>>> = {
  state: { 1: { requestsPerSec: 1_845 }, 16: { requestsPerSec: 5_098 }, 64: { requestsPerSec: 5_321, cpuMs: 0.18 } },
  'packets-1': {
    1: { requestsPerSec: 1_503 },
    16: { requestsPerSec: 4_181 },
    64: { requestsPerSec: 4_779, cpuMs: 0.17 },
  },
  'packets-100': {
    1: { requestsPerSec: 147, p99Ms: 13 },
    16: { requestsPerSec: 121, p99Ms: 228 },
    64: { requestsPerSec: 113, p99Ms: 1_054, cpuMs: 8 },
  },
};

const IN_FLIGHT = [1, 16, 64] as const;

/** Asked for before the clock starts, so that the headers above it are linked, as they are once a process has run. */
const LOWEST = 1n;

/**
 * Rounds of load before the clock starts. A service runs for weeks: what is asked for is the rate that it keeps up, which
 * V8 reaches after some ten thousand requests; the first thousand take twice as long each.
 */
const WARM_ROUNDS = { state: 8, 'packets-1': 8, 'packets-100': 3 } as const;

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;

/** What the same work costs on this machine at this moment: CPU time grows by half and more when cores are shared. */
const signatureMs = (): number => {
  const key = new Uint8Array(32).fill(7);
  const count = 3_000;
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) signDigest(key, key);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / count;
};

const versus = (value: number, peer: number | undefined): Pick<BenchCase, 'peer' | 'ratio'> =>
  peer === undefined ? {} : { peer, ratio: round(value / peer) };

/**
 * Measures the attestor over gRPC against a real anvil: `[--quick] [--only state|packets-1|packets-100]`.
 * Every level of load gets a new process and a new guard, so that each request of it is one never seen before.
 */
export const run = async (args: string[]): Promise<BenchCase[]> => {
  const quick = args.includes('--quick');
  const onlyAt = args.indexOf('--only');
  const only = onlyAt < 0 ? undefined : args[onlyAt + 1];
  const counts = quick
    ? { state: [500, 1_000, 1_000], 'packets-1': [500, 1_000, 1_000], 'packets-100': [60, 80, 100] }
    : { state: [3_000, 3_900, 3_900], 'packets-1': [3_000, 4_000, 4_000], 'packets-100': [200, 300, 300] };
  const shapes = Object.keys(counts).filter((shape) => only === undefined || shape === only) as (keyof typeof counts)[];
  const chain = await createBenchChain(quick ? 10_000 : 30_000);
  const cases: BenchCase[] = [
    // Above about 0.5 the machine has other work, and rates say little about the attestor.
    { name: 'machine: load average at start', value: round(loadavg()[0] ?? 0), unit: '' },
    { name: 'machine: CPU of one signature', value: round(signatureMs()), unit: 'ms' },
  ];

  const requestsOf = (shape: keyof typeof counts, count: number): EncodedRequest[] =>
    Array.from({ length: count }, (_, n) => {
      if (shape === 'state') return stateRequest(LOWEST + 1n + BigInt(n));
      const size = shape === 'packets-1' ? 1 : 100;
      return packetRequest(chain.packets.slice(n * size, (n + 1) * size), chain.finalHeight);
    });

  const warmUp = async (port: number, shape: keyof typeof counts, inFlight: number): Promise<void> => {
    const requests = requestsOf(shape, counts[shape][2] ?? 0);
    for (let round = 0; round < WARM_ROUNDS[shape]; round++) await runLoad(port, requests, 64);
    await runLoad(port, requests, inFlight);
  };

  const measure = async (shape: keyof typeof counts, inFlight: number, count: number): Promise<void> => {
    const peer = PEER[shape]?.[inFlight];
    const label = `${shape}, ${inFlight} in flight`;
    const attestor = await startBenchAttestor(chain, { guard: true, maxCachedAnswers: 4_096 });
    try {
      const fresh = requestsOf(shape, count);
      // Code is compiled and connections are open before the clock starts.
      await warmUp(attestor.warmPort, shape, inFlight);
      await runLoad(attestor.port, [stateRequest(LOWEST)], 1);
      await attestor.usage();
      const result = await runLoad(attestor.port, fresh, inFlight);
      const usage = await attestor.usage();
      const factor = shape === 'packets-100' ? 5 : 1;
      const goal = (peer?.requestsPerSec ?? 0) * factor;
      cases.push({
        name: `${label}: requests/s`,
        value: Math.round(result.requestsPerSec),
        unit: '1/s',
        ...versus(result.requestsPerSec, peer?.requestsPerSec),
        goal: `>= ${goal}`,
        ok: result.requestsPerSec >= goal,
      });
      const p99Goal = shape === 'packets-100' && inFlight === 64 ? { goal: '< 150', ok: result.p99Ms < 150 } : {};
      cases.push(
        { name: `${label}: p50`, value: round(result.p50Ms), unit: 'ms' },
        {
          name: `${label}: p99`,
          value: round(result.p99Ms),
          unit: 'ms',
          ...versus(result.p99Ms, peer?.p99Ms),
          ...p99Goal,
        },
        {
          name: `${label}: CPU a request`,
          value: round(usage.cpuMs / count),
          unit: 'ms',
          ...versus(usage.cpuMs / count, peer?.cpuMs),
        },
        {
          name: `${label}: memory`,
          value: Math.round(usage.rssMiB),
          unit: 'MiB',
          goal: '< 200',
          ok: usage.rssMiB < 200,
        },
        { name: `${label}: upstream requests a request`, value: round(usage.upstreamRequests / count), unit: '' },
        { name: `${label}: guard p50`, value: round(percentile(usage.recordMs, 0.5)), unit: 'ms' },
        {
          name: `${label}: guard p99`,
          value: round(percentile(usage.recordMs, 0.99)),
          unit: 'ms',
        },
      );
      const repeated = await runLoad(attestor.port, fresh, inFlight);
      cases.push({
        name: `${label}: repeated requests/s (from memory)`,
        value: Math.round(repeated.requestsPerSec),
        unit: '1/s',
      });
      const connections = connectionsTo(chain.anvil.url);
      if (connections !== undefined) {
        cases.push({
          name: `${label}: upstream connections`,
          value: connections,
          unit: '',
          goal: '<= 8',
          ok: connections <= 8,
        });
      }
    } finally {
      await attestor.stop();
    }
  };

  /** What the guard adds to a request: the same load with a guard that writes nothing. */
  const measureGuard = async (inFlight: number): Promise<void> => {
    const medians: number[] = [];
    for (const guard of [false, true]) {
      const attestor = await startBenchAttestor(chain, { guard, maxCachedAnswers: 0 });
      try {
        await warmUp(attestor.warmPort, 'state', inFlight);
        await runLoad(attestor.port, [stateRequest(LOWEST)], 1);
        medians.push((await runLoad(attestor.port, requestsOf('state', counts.state[2] ?? 0), inFlight)).p50Ms);
      } finally {
        await attestor.stop();
      }
    }
    const added = (medians[1] ?? 0) - (medians[0] ?? 0);
    cases.push({
      name: `guard on disk adds, state, ${inFlight} in flight: p50`,
      value: round(added),
      unit: 'ms',
      goal: '<= 5',
      ok: added <= 5,
    });
  };

  try {
    for (const shape of shapes) {
      for (const [i, inFlight] of IN_FLIGHT.entries()) await measure(shape, inFlight, counts[shape][i] ?? 0);
    }
    if (only === undefined) for (const inFlight of IN_FLIGHT) await measureGuard(inFlight);
  } finally {
    await chain.anvil.stop();
  }
  return cases;
};
