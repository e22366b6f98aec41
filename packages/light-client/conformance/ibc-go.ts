// Compares ibc-go's attestations light client, run by the oracle (conformance/ibc-go in the root folder), with the state
// machine of this package under its ibc-go policies: the same verdict, code and codespace, the same store to the byte.
import { parseArgs } from 'node:util';
import { goProgram, type OracleClient, startOracle } from '@interchain-attestation/go-tools';
import type { Policy } from '@interchain-attestation/light-client';
import { generateCalls } from './generate/calls.ts';
import { faultCases } from './generate/fault-cases.ts';
import { createRandom } from './generate/random.ts';
import type { Case, Outcome } from './ibc-go/cases.ts';
import { CLIENTS, respellStore } from './ibc-go/clients.ts';
import { ibcGoDialect } from './ibc-go/envelope.ts';
import { initializeCases } from './ibc-go/initialize-cases.ts';
import { runModel } from './ibc-go/model.ts';
import { askOracle } from './ibc-go/oracle.ts';
import { specialCases } from './ibc-go/special-cases.ts';

/** Cases that are under way at once: enough to keep both processes busy, few enough to hold in memory. */
const CASES_IN_FLIGHT = 200;
const DRAWN = CLIENTS.flatMap((client) => Array<(typeof CLIENTS)[number]>(client.weight).fill(client));

/** A case and what ibc-go made of it. */
export interface AnsweredCase extends Case {
  readonly got: Outcome;
}

const generateCase = (seed: string, index: number): Case => {
  const random = createRandom(`${seed}/ibc-go/${index}`);
  const client = random.pick(DRAWN);
  const level = random.pick(['module', 'core'] as const);
  const store = random.chance(0.1) ? respellStore(random, client.store) : client.store;
  const calls = generateCalls(random, client, ibcGoDialect);
  const height = random.pick([...client.known, ...client.unknown]);
  return {
    name: `seed ${seed} case ${index} (${client.name}, ${level})`,
    level,
    store,
    steps: [...calls, { kind: 'status' }, { kind: 'latestHeight' }, { kind: 'timestampAtHeight', height }],
  };
};

/** Every pair of faults against one client of each kind. */
const pairCases = (): Case[] =>
  CLIENTS.filter(({ name }) => ['3 of 5', '2 of 3 frozen', 'no client'].includes(name)).flatMap((client) =>
    (['module', 'core'] as const).flatMap((level) =>
      faultCases({ subject: client, dialect: ibcGoDialect }, { pairs: client.name === '3 of 5' }).map(
        ({ name, call }): Case => ({
          name: `${name} (${client.name}, ${level})`,
          level,
          store: client.store,
          steps: [call],
        }),
      ),
    ),
  );

function* allCases(seed: string, count: number, first: number): Generator<Case, void> {
  yield* specialCases();
  yield* pairCases();
  yield* initializeCases(seed, Math.ceil(count / 10));
  for (let index = first; index < first + count; index++) yield generateCase(seed, index);
}

/** Puts the fixed cases, first states, and cases `first` to `first + count - 1` of a seed to ibc-go. */
export async function* answerCases(
  oracle: OracleClient,
  seed: string,
  count: number,
  first = 0,
): AsyncGenerator<AnsweredCase, void> {
  const waiting: Promise<AnsweredCase>[] = [];
  for (const made of allCases(seed, count, first)) {
    waiting.push(askOracle(oracle, made).then((got) => ({ ...made, got })));
    const oldest = waiting.length > CASES_IN_FLIGHT ? waiting.shift() : undefined;
    if (oldest !== undefined) yield await oldest;
  }
  for (const answer of waiting) yield await answer;
}

/** What the state machine (under the level's policy, unless another is given) sees otherwise than ibc-go. */
export const findDifference = (answered: AnsweredCase, policy?: Policy): string | undefined => {
  const { name, steps, got } = answered;
  const expected = runModel(answered, policy);
  const at = expected.results.findIndex((result, i) => result !== got.results[i]);
  if (at >= 0) {
    return `${name}, step ${at} (${steps[at]?.kind}):\n  ibc-go ${got.results[at]}\n  model  ${expected.results[at]}`;
  }
  const theirs = got.store.filter((line) => !expected.store.includes(line));
  const ours = expected.store.filter((line) => !got.store.includes(line));
  if (theirs.length + ours.length === 0) return undefined;
  return `${name}, store:\n  ibc-go ${theirs.join(' ')}\n  model  ${ours.join(' ')}`;
};

/** Kind of each call with what came of it, for counting. */
export const nameOutcomes = ({ steps, got }: AnsweredCase): string[] =>
  steps.map(({ kind }, i) => {
    const [head = '', value = ''] = (got.results[i] ?? '').split(' ');
    const isUpdate = kind === 'updateClient' || kind === 'misbehaviour';
    return `${isUpdate ? 'update' : kind}: ${isUpdate && value === 'Misbehaviour' ? value : head}`;
  });

/** `npm run conformance -- ibc-go [--cases N] [--seed S] [--first I]` */
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
  const program = await goProgram('ibc-go-oracle');
  if ('missing' in program) throw new Error(`ibc-go cannot be asked: ${program.missing}`);
  const oracle = startOracle(program.path);
  try {
    let total = 0;
    let failed = 0;
    const outcomes = new Map<string, number>();
    for await (const answered of answerCases(oracle, values.seed, count, first)) {
      total++;
      for (const outcome of nameOutcomes(answered)) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      const difference = findDifference(answered);
      if (difference === undefined) continue;
      failed++;
      if (failed <= 20) console.error(difference);
    }
    for (const [outcome, times] of [...outcomes].sort()) console.log(`${String(times).padStart(7)}  ${outcome}`);
    return { passed: total - failed, failed };
  } finally {
    await oracle.close();
  }
}
