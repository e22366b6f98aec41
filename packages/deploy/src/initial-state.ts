import {
  type Address,
  type AttestorSet,
  bytesToHex,
  decodeStateAttestation,
  type StateAttestation,
  selectQuorum,
  signingDigest,
} from '@interchain-attestation/core';
import { DeployError } from './errors.ts';

/** An attestor that can be asked. Answers are believed only as far as their signatures go. */
export interface AttestorEndpoint {
  readonly name: string;
  readonly address: Address;
  latestHeight(signal: AbortSignal): Promise<bigint>;
  stateAttestation(
    height: bigint,
    signal: AbortSignal,
  ): Promise<{ readonly attestedData: Uint8Array; readonly signature: Uint8Array }>;
}

/** First height and time of a client, and who vouches for them. */
export interface InitialState extends StateAttestation {
  readonly from: 'attestors' | 'operator';
}

type Answer<T> = { readonly endpoint: AttestorEndpoint } & ({ readonly value: T } | { readonly fault: string });

const DEFAULT_TIMEOUT_MS = 5_000;

const askAll = async <T>(
  endpoints: readonly AttestorEndpoint[],
  timeoutMs: number,
  ask: (endpoint: AttestorEndpoint, signal: AbortSignal) => Promise<T>,
): Promise<readonly Answer<T>[]> =>
  Promise.all(
    endpoints.map(async (endpoint): Promise<Answer<T>> => {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const late = new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error(`no answer in ${timeoutMs} ms`)));
        });
        return { endpoint, value: await Promise.race([ask(endpoint, signal), late]) };
      } catch (error) {
        return { endpoint, fault: (error as Error).message.split('\n')[0] ?? 'failed' };
      }
    }),
  );

const faults = <T>(answers: readonly Answer<T>[]): string =>
  answers.flatMap((answer) => ('fault' in answer ? [`${answer.endpoint.name}: ${answer.fault}`] : [])).join('; ');

const unreachable = (set: AttestorSet, good: number, details: string): DeployError =>
  new DeployError(
    'deploy/quorum-unreachable',
    `${good} of ${set.minRequiredSigs} attestors needed vouch for an initial state${details === '' ? '' : `: ${details}`}`,
    { retryable: true, meta: { good, needed: set.minRequiredSigs } },
  );

/**
 * The first state of a client, signed by a quorum of the set that the client will have: deploying it with a state that
 * one RPC made up would freeze it at its first honest update, or worse. The height is the m-th highest that attestors
 * report, so that one that lags or lies decides nothing.
 *
 * @throws DeployError `deploy/quorum-unreachable`, `deploy/conflict` when two quorums state different times
 */
export const attestInitialState = async (
  endpoints: readonly AttestorEndpoint[],
  set: AttestorSet,
  timeoutMs: number = DEFAULT_TIMEOUT_MS,
): Promise<InitialState> => {
  const latest = await askAll(endpoints, timeoutMs, (endpoint, signal) => endpoint.latestHeight(signal));
  const heights = latest
    .flatMap((answer) => ('value' in answer ? [answer.value] : []))
    .toSorted((a, b) => (a > b ? -1 : 1));
  const height = heights[set.minRequiredSigs - 1];
  if (height === undefined) throw unreachable(set, heights.length, faults(latest));

  const answers = await askAll(endpoints, timeoutMs, async (endpoint, signal) => {
    const answer = await endpoint.stateAttestation(height, signal);
    const stated = decodeStateAttestation(answer.attestedData);
    if (stated.height !== height) throw new Error(`answered for height ${stated.height} instead of ${height}`);
    if (stated.timestampSec === 0n) throw new Error('stated the time 0');
    return { ...answer, stated };
  });
  const groups = Map.groupBy(
    answers.flatMap((answer) => ('value' in answer ? [answer.value] : [])),
    ({ attestedData }) => bytesToHex(attestedData),
  );
  const selections = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const digest = signingDigest('state', first.attestedData);
    return [
      {
        stated: first.stated,
        ...selectQuorum(
          set,
          digest,
          group.map(({ signature }) => signature),
        ),
      },
    ];
  });
  const agreed = selections.filter(({ reached }) => reached);
  const [winner, rival] = agreed;
  if (winner === undefined) {
    const best = Math.max(0, ...selections.map(({ accepted }) => accepted.length));
    const rejected = selections.flatMap((selection) => selection.rejected.map(({ fault }) => fault)).join(', ');
    const split = groups.size > 1 ? `attestors state ${groups.size} different times for height ${height}` : '';
    throw unreachable(set, best, [faults(answers), rejected, split].filter((text) => text !== '').join('; '));
  }
  if (rival !== undefined) {
    throw new DeployError('deploy/conflict', `two quorums of attestors state different times for height ${height}`, {
      details: [
        {
          field: `state(${height}).timestampSec`,
          wanted: winner.stated.timestampSec.toString(),
          found: rival.stated.timestampSec.toString(),
          where: 'chain',
        },
      ],
    });
  }
  return { ...winner.stated, from: 'attestors' };
};
