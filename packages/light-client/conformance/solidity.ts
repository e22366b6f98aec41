// Compares the Solidity light client on anvil with the state machine of this package under `solidityPolicy`, call by
// call: the same verdict, the same revert data to the byte, the same state afterwards.
import { parseArgs } from 'node:util';
import type { Hex } from '@interchain-attestation/core';
import type { LightClient } from '@interchain-attestation/light-client';
import { type Call, generateCalls } from './generate/calls.ts';
import { faultCases } from './generate/fault-cases.ts';
import { createRandom } from './generate/random.ts';
import { type Anvil, startAnvil } from './solidity/anvil.ts';
import { createTwins, type TwinClient } from './solidity/clients.ts';
import { describeResult, expectProbe, toProbe } from './solidity/compare.ts';
import { CONSTRUCTOR_CASES, compareConstructors } from './solidity/constructors.ts';
import { solidityDialect } from './solidity/envelope.ts';
import { decodeProbe, encodeProbe, PROBER, PROBER_CODE, type ProbedResult } from './solidity/prober.ts';

/** Cases in one HTTP request: large enough that requests do not count, small enough for anvil's body limit. */
const CASES_PER_REQUEST = 40;
const CALL_GAS = '0x1c9c380';

/** A case and what the contract made of it. */
export interface ProbedCase {
  readonly name: string;
  readonly twin: TwinClient;
  readonly calls: readonly Call[];
  /** One result a call, then the reads of the state. */
  readonly got: readonly ProbedResult[];
}

const generateCase = (seed: string, index: number, twins: readonly TwinClient[]): MadeCase => {
  const random = createRandom(`${seed}/${index}`);
  const twin = random.pick(twins.flatMap((candidate) => Array<TwinClient>(candidate.weight).fill(candidate)));
  return {
    name: `seed ${seed} case ${index} (${twin.name})`,
    twin,
    calls: generateCalls(random, twin, solidityDialect),
  };
};

type MadeCase = Omit<ProbedCase, 'got'>;

/** The cases that every run makes, whatever the seed. */
const fixedCases = (twins: readonly TwinClient[]): MadeCase[] =>
  twins
    .filter((twin) => twin.name === '3 of 5' || /frozen|closed/.test(twin.name))
    .flatMap((twin) =>
      faultCases({ subject: twin, dialect: solidityDialect }, { pairs: twin.name === '3 of 5' }).map(
        ({ name, call }) => ({
          name: `${name} (${twin.name})`,
          twin,
          calls: [call],
        }),
      ),
    );

const probe = async (anvil: Anvil, cases: readonly MadeCase[]): Promise<ProbedCase[]> => {
  const answers = await anvil.batch(
    cases.map(({ twin, calls }) => ({
      method: 'eth_call',
      params: [{ to: PROBER, data: encodeProbe(toProbe(twin, calls)), gas: CALL_GAS }, 'latest'],
    })),
  );
  return cases.map((made, i) => {
    const answer = answers[i];
    if (answer === undefined || !('result' in answer)) throw new Error(`${made.name}: ${JSON.stringify(answer)}`);
    return { ...made, got: decodeProbe(answer.result as Hex) };
  });
};

/** Puts the fixed cases, and then cases `first` to `first + count - 1` of a seed, to the contract on `anvil`. */
export async function* probeContract(
  anvil: Anvil,
  seed: string,
  count: number,
  first = 0,
): AsyncGenerator<ProbedCase, void> {
  await anvil.request('anvil_setCode', PROBER, PROBER_CODE);
  const twins = await createTwins(anvil);
  const fixed = fixedCases(twins);
  for (let at = 0; at < fixed.length; at += CASES_PER_REQUEST) {
    yield* await probe(anvil, fixed.slice(at, at + CASES_PER_REQUEST));
  }
  for (let at = first; at < first + count; at += CASES_PER_REQUEST) {
    const length = Math.min(CASES_PER_REQUEST, first + count - at);
    yield* await probe(
      anvil,
      Array.from({ length }, (_, i) => generateCase(seed, at + i, twins)),
    );
  }
}

/** What the model (the twin's own, unless another is given) sees otherwise than the contract; undefined when nothing. */
export const findDifference = ({ name, twin, calls, got }: ProbedCase, model?: LightClient): string | undefined => {
  const expected = expectProbe(twin, calls, model);
  const at = expected.findIndex(({ success, data }, i) => success !== got[i]?.success || data !== got[i]?.data);
  if (at < 0 && expected.length === got.length) return undefined;
  const what = calls[at]?.kind ?? 'state';
  return `${name}, call ${at} (${what}):\n  contract ${describeResult(got[at])}\n  model    ${describeResult(expected[at])}`;
};

const UPDATE_RESULTS = ['Update', 'Misbehaviour', 'NoOp'];

/** Short name of what a call came to, for counting. */
export const nameOutcome = (call: Call, result: ProbedResult | undefined): string => {
  const [name = ''] = describeResult(result).split(/[ (]/);
  if (name === 'revert') return `${call.kind}: revert without data`;
  const isUpdate = name === 'success' && call.kind === 'updateClient';
  return `${call.kind}: ${isUpdate ? (UPDATE_RESULTS[Number(result?.data.at(-1))] ?? name) : name}`;
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
  const anvil = await startAnvil();
  try {
    const failures = await compareConstructors(anvil);
    let total = CONSTRUCTOR_CASES.length;
    const outcomes = new Map<string, number>();
    for await (const probed of probeContract(anvil, values.seed, count, first)) {
      total++;
      for (const [i, call] of probed.calls.entries()) {
        const outcome = nameOutcome(call, probed.got[i]);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      const difference = findDifference(probed);
      if (difference !== undefined) failures.push(difference);
    }
    for (const [outcome, times] of [...outcomes].sort()) console.log(`${String(times).padStart(7)}  ${outcome}`);
    for (const failure of failures.slice(0, 20)) console.error(failure);
    return { passed: total - failures.length, failed: failures.length };
  } finally {
    await anvil.stop();
  }
}
