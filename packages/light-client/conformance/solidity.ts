// Compares the Solidity light client on anvil with the state machine of this package under `solidityPolicy`, call by
// call: the same verdict, the same revert data to the byte, the same state afterwards.
import { parseArgs } from 'node:util';
import { type Anvil, startAnvil } from './solidity/anvil.ts';
import { type Call, generateCalls } from './solidity/calls.ts';
import { createTwins, type TwinClient } from './solidity/clients.ts';
import { describeResult, expectProbe, toProbe } from './solidity/compare.ts';
import { decodeProbe, encodeProbe, PROBER, PROBER_CODE } from './solidity/prober.ts';
import { createRandom } from './solidity/random.ts';

/** Cases in one HTTP request: large enough that requests do not count, small enough for anvil's body limit. */
const CASES_PER_REQUEST = 40;

export interface ConformanceReport {
  readonly passed: number;
  readonly failed: number;
  /** How often each outcome was seen, so that a run shows what it reached. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** One text a failed case. */
  readonly failures: readonly string[];
}

interface Case {
  readonly name: string;
  readonly twin: TwinClient;
  readonly calls: readonly Call[];
}

const generateCase = (seed: string, index: number, twins: readonly TwinClient[]): Case => {
  const random = createRandom(`${seed}/${index}`);
  const twin = random.pick(twins.flatMap((candidate) => Array<TwinClient>(candidate.weight).fill(candidate)));
  return { name: `seed ${seed} case ${index} (${twin.name})`, twin, calls: generateCalls(random, twin) };
};

const UPDATE_RESULTS = ['Update', 'Misbehaviour', 'NoOp'];

/** Short name of an outcome, for counting. */
const outcomeOf = (call: Call, result: string): string => {
  const [name = ''] = result.split(/[ (]/);
  if (name === 'revert') return 'revert without data';
  return name === 'success' && call.kind === 'updateClient' ? (UPDATE_RESULTS[Number(result.at(-1))] ?? name) : name;
};

const runCases = async (anvil: Anvil, cases: readonly Case[], outcomes: Map<string, number>): Promise<string[]> => {
  const answers = await anvil.batch(
    cases.map(({ twin, calls }) => ({
      method: 'eth_call',
      params: [{ to: PROBER, data: encodeProbe(toProbe(twin, calls)), gas: '0x1c9c380' }, 'latest'],
    })),
  );
  const failures: string[] = [];
  for (const [i, { name, twin, calls }] of cases.entries()) {
    const answer = answers[i];
    if (answer === undefined || !('result' in answer)) {
      failures.push(`${name}: no answer: ${JSON.stringify(answer)}`);
      continue;
    }
    const got = decodeProbe(answer.result as `0x${string}`).map(describeResult);
    const expected = expectProbe(twin, calls).map(describeResult);
    for (const [at, call] of calls.entries()) {
      const outcome = `${call.kind}: ${outcomeOf(call, got[at] ?? '')}`;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    const at = expected.findIndex((text, index) => text !== got[index]);
    if (at < 0 && got.length === expected.length) continue;
    const what = calls[at]?.kind ?? 'state';
    failures.push(`${name}, call ${at} (${what}):\n  contract ${got[at]}\n  model    ${expected[at]}`);
  }
  return failures;
};

/** Runs `count` cases of a seed, from number `first` on. The same seed makes the same cases. */
export const compareWithContract = async (seed: string, count: number, first = 0): Promise<ConformanceReport> => {
  const anvil = await startAnvil();
  try {
    await anvil.request('anvil_setCode', PROBER, PROBER_CODE);
    const twins = await createTwins(anvil);
    const outcomes = new Map<string, number>();
    const failures: string[] = [];
    for (let from = first; from < first + count; from += CASES_PER_REQUEST) {
      const length = Math.min(CASES_PER_REQUEST, first + count - from);
      const cases = Array.from({ length }, (_, i) => generateCase(seed, from + i, twins));
      failures.push(...(await runCases(anvil, cases, outcomes)));
    }
    return { passed: count - failures.length, failed: failures.length, outcomes, failures };
  } finally {
    await anvil.stop();
  }
};

/** `npm run conformance -- solidity [--cases N] [--seed S] [--first I]` */
export async function run(args: string[]): Promise<{ passed: number; failed: number }> {
  const { values } = parseArgs({
    args,
    options: {
      cases: { type: 'string', default: '5000' },
      seed: { type: 'string', default: '1' },
      first: { type: 'string', default: '0' },
    },
  });
  const [count, first] = [Number(values.cases), Number(values.first)];
  if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(first) || first < 0) {
    throw new RangeError('--cases and --first take whole numbers');
  }
  const report = await compareWithContract(values.seed, count, first);
  for (const [outcome, times] of [...report.outcomes].sort()) console.log(`${String(times).padStart(7)}  ${outcome}`);
  for (const failure of report.failures.slice(0, 20)) console.error(failure);
  return { passed: report.passed, failed: report.failed };
}
