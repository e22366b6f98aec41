// Verification of a membership proof: our client, ibc-go's own (through the oracle), and the same check by hand with
// viem, on the same proofs in one run, one core each, rounds taken in turn. Processor time counts,
// not the clock: the machine may have other work.
import { parseArgs } from 'node:util';
import { bytesToHex, utf8ToBytes } from '@interchain-attestation/core';
import { goProgram, type OracleClient, startOracle } from '@interchain-attestation/go-tools';
import { createOurs, timeRecovery } from './verify/ours.ts';
import { type BenchSetup, createSetup } from './verify/proofs.ts';
import { timeViem } from './verify/with-viem.ts';

interface BenchCase {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: number;
  /** Ours to the peer's. */
  readonly ratio?: number;
  readonly goal?: string;
  readonly ok?: boolean;
}

const SIZES: readonly (readonly [minRequiredSigs: number, attestors: number, packets: number])[] = [
  [1, 1, 1],
  [3, 5, 1],
  [3, 5, 100],
  [13, 19, 1],
  [13, 19, 100],
];
const WARM_UP = 2_000;
/** The check with viem costs so much more that few of them will do. */
const VIEM_ROUNDS = 5;
const VIEM_COUNT = 10;

const bare = (bytes: Uint8Array): string => bytesToHex(bytes).slice(2);

/** Nanoseconds a proof in ibc-go's client. */
const timeIbcGo = async (oracle: OracleClient, setup: BenchSetup, count: number): Promise<number> => {
  const answer = await oracle.request('bench', {
    store: Object.fromEntries(setup.store.map(([key, value]) => [bare(utf8ToBytes(key)), bare(value)])),
    steps: setup.proofs.map(({ proof, path, value }) => ({
      do: 'verifyMembership',
      proof: bare(proof),
      height: String(setup.height),
      path: [bare(path)],
      value: bare(value),
    })),
    count,
  });
  return answer.ns as number;
};

const timeGoRecovery = async (oracle: OracleClient, { recoveries }: BenchSetup, count: number): Promise<number> => {
  const signatures = recoveries.map((one) => ({ digest: bare(one.digest), signature: bare(one.signature) }));
  return (await oracle.request('bench', { recoveries: count, signatures })).recoveryNs as number;
};

interface Times {
  readonly ours: number;
  readonly ibcGo: number;
  readonly viem: number;
  readonly recovery: number;
  readonly goRecovery: number;
}

/** The quickest round of each: slower ones tell what else the machine was doing. */
const measure = async (oracle: OracleClient, setup: BenchSetup, rounds: number, count: number): Promise<Times> => {
  const runOurs = createOurs(setup);
  runOurs(WARM_UP);
  timeRecovery(setup.recoveries, WARM_UP);
  await timeIbcGo(oracle, setup, WARM_UP);
  await timeViem(setup, VIEM_COUNT);
  let [ours, ibcGo, viem, recovery, goRecovery] = Array<number>(5).fill(Number.POSITIVE_INFINITY) as TimesInOrder;
  for (let round = 0; round < rounds; round++) {
    ours = Math.min(ours, runOurs(count));
    ibcGo = Math.min(ibcGo, await timeIbcGo(oracle, setup, count));
    recovery = Math.min(recovery, timeRecovery(setup.recoveries, count));
    goRecovery = Math.min(goRecovery, await timeGoRecovery(oracle, setup, count));
    if (round < VIEM_ROUNDS) viem = Math.min(viem, await timeViem(setup, VIEM_COUNT));
  }
  return { ours, ibcGo, viem, recovery, goRecovery };
};

type TimesInOrder = [ours: number, ibcGo: number, viem: number, recovery: number, goRecovery: number];

const compare = (name: string, ours: number, peer: number, limit?: number): BenchCase => {
  const ratio = ours / peer;
  const goal = limit === undefined ? {} : { goal: `<= ${Number(limit.toFixed(3))}`, ok: ratio <= limit };
  return { name, value: ours / 1_000, unit: 'µs', peer: peer / 1_000, ratio, ...goal };
};

/** `npm run bench -- verify [--rounds N] [--count N]` */
export async function run(args: string[]): Promise<BenchCase[]> {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: 'string', default: '20' }, count: { type: 'string', default: '250' } },
  });
  const program = await goProgram('ibc-go-oracle');
  if ('missing' in program) throw new Error(`ibc-go cannot be measured: ${program.missing}`);
  const oracle = startOracle(program.path);
  try {
    const cases: BenchCase[] = [];
    for (const [minRequiredSigs, attestors, packets] of SIZES) {
      const setup = createSetup(minRequiredSigs, attestors, packets);
      const times = await measure(oracle, setup, Number(values.rounds), Number(values.count));
      const { ours, ibcGo, recovery, goRecovery } = times;
      const many = packets > 1;
      cases.push(
        compare(`${setup.name}, peer ibc-go`, ours, ibcGo, many ? 1 : 1.2),
        compare('  the recoveries in it', minRequiredSigs * recovery, minRequiredSigs * goRecovery),
        compare(
          '  everything except recovery',
          ours - minRequiredSigs * recovery,
          ibcGo - minRequiredSigs * goRecovery,
          many ? 1 / 3 : undefined,
        ),
        compare('  peer viem', ours, times.viem, 1 / 15),
      );
    }
    return cases;
  } finally {
    await oracle.close();
  }
}
