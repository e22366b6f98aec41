import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type GuardStatement, openGuard, type StatementEntry } from '@interchain-attestation/guard';

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

interface Load {
  readonly perSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUs: number;
}

type Make = (index: number) => GuardStatement;

const KEY = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
const SOURCE = { chainId: '31337', genesisHash: `0x${'11'.repeat(32)}`, store: 'ibc' } as const;

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;

const hash = (height: number): `0x${string}` => `0x${height.toString(16).padStart(64, '0')}`;

const blockAt = (height: number) => ({
  height: BigInt(height),
  hash: hash(height),
  parentHash: hash(height - 1),
  timestampSec: BigInt(height),
});

/** Statements that are all different, with their inputs made before the clock starts. */
const prepare = (count: number, make: Make): readonly GuardStatement[] =>
  Array.from({ length: count }, (_, i) => make(i));

const load = async (
  record: (statement: GuardStatement) => Promise<{ readonly ok: boolean }>,
  statements: readonly GuardStatement[],
  inFlight: number,
): Promise<Load> => {
  const latencies: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let statement = statements[next++]; statement !== undefined; statement = statements[next++]) {
      const start = performance.now();
      const verdict = await record(statement);
      latencies.push(performance.now() - start);
      if (!verdict.ok) throw new Error('the guard refused a statement of the bench');
    }
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  const elapsedMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSec: (statements.length / elapsedMs) * 1_000,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    cpuUs: (user + system) / statements.length,
  };
};

/** What the disk takes for one flush of 4 KiB into a file that does not grow, to tell a slow disk from a slow guard. */
const measureFlush = (directory: string): number => {
  const fd = fs.openSync(path.join(directory, 'flush'), 'w');
  const page = randomBytes(4_096);
  const times: number[] = [];
  fs.writeSync(fd, Buffer.alloc(300 * page.length));
  fs.fsyncSync(fd);
  for (let i = 0; i < 300; i++) {
    const start = performance.now();
    fs.writeSync(fd, page, 0, page.length, i * page.length);
    fs.fdatasyncSync(fd);
    times.push(performance.now() - start);
  }
  fs.closeSync(fd);
  return percentile(times, 0.5);
};

const makers = (): {
  readonly state: Make;
  readonly packets: (count: number, kind: StatementEntry['path']['kind']) => Make;
} => {
  let height = 1;
  let sequence = 1n;
  return {
    state: () => ({ kind: 'state', block: blockAt(++height) }),
    packets: (count, kind) => () => ({
      kind: 'packets',
      block: blockAt(height),
      entries: Array.from({ length: count }, () => ({
        path: { kind, clientId: 'client-0', sequence: sequence++ },
        commitment: kind === 'receipt' ? undefined : randomBytes(32),
        timeoutTimestampSec: 2n ** 40n,
        timeoutProven: true,
      })),
    }),
  };
};

/** `npm run bench -- guard [directory]`: the guard alone, all statements different, on the disk of `directory`. */
export const run = async (args: readonly string[]): Promise<BenchCase[]> => {
  const directory = fs.mkdtempSync(path.join(args[0] ?? os.tmpdir(), 'guard-bench-'));
  const cases: BenchCase[] = [];
  try {
    const flushMs = measureFlush(directory);
    cases.push({ name: 'one flush of 4 KiB on this disk, p50', value: flushMs, unit: 'ms' });
    const guard = await openGuard({ path: path.join(directory, 'guard.db'), key: KEY, source: SOURCE, create: true });
    const record = (statement: GuardStatement) => guard.record(statement);
    const { state, packets } = makers();
    await load(record, prepare(2_000, state), 64);
    const plan: readonly [string, Make, number, number, number | undefined][] = [
      ['state', state, 1, 1_500, undefined],
      ['state', state, 64, 20_000, 5_500],
      ['1 packet', packets(1, 'packet'), 1, 1_500, undefined],
      ['1 packet', packets(1, 'packet'), 16, 10_000, undefined],
      ['1 packet', packets(1, 'packet'), 64, 20_000, 5_500],
      ['1 acknowledgement', packets(1, 'acknowledgement'), 64, 20_000, 5_500],
      ['1 absence', packets(1, 'receipt'), 64, 20_000, 5_500],
      ['100 packets', packets(100, 'packet'), 64, 1_500, 600],
      ['100 acknowledgements', packets(100, 'acknowledgement'), 64, 1_500, 600],
    ];
    for (const [name, make, inFlight, count, goal] of plan) {
      const { perSec, p50Ms, p99Ms, cpuUs } = await load(record, prepare(count, make), inFlight);
      const title = `${name}, ${inFlight} in flight`;
      cases.push(
        {
          name: title,
          value: perSec,
          unit: '/s',
          ...(goal === undefined ? {} : { goal: `>= ${goal}`, ok: perSec >= goal }),
        },
        {
          name: `${title}: added, p50`,
          value: p50Ms,
          unit: 'ms',
          ...(name.startsWith('100') ? {} : { goal: '<= 5', ok: p50Ms <= 5 }),
        },
        { name: `${title}: added, p99`, value: p99Ms, unit: 'ms' },
        { name: `${title}: CPU`, value: cpuUs, unit: 'us' },
      );
    }
    cases.push({ name: 'file', value: guard.status().fileBytes / 2 ** 20, unit: 'MiB' });
    await guard.close();
    const start = performance.now();
    await (
      await openGuard({ path: path.join(directory, 'guard.db'), key: KEY, source: SOURCE, create: false })
    ).close();
    cases.push({ name: 'open with every check, and close', value: performance.now() - start, unit: 'ms' });
    return cases;
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
};
