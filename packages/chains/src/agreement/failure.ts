import { isAttestationError } from '@interchain-attestation/core';
import { ChainError, type ChainErrorCode } from '../errors.ts';
import type { Abstention, Ballot } from './ballot.ts';
import type { Group } from './groups.ts';

export interface Electorate {
  /** Name of the chain. */
  readonly name: string;
  /** Names of the RPC endpoints, by their place: origins, never more of a URL. */
  readonly origins: readonly string[];
  readonly required: number;
}

const namesOf = ({ origins }: Electorate, by: readonly number[]): string => by.map((i) => origins[i]).join(' and ');

/** What too few of the endpoints answered, in a code that says what to do about it. */
export const disagreement = <T>(
  electorate: Electorate,
  what: string,
  groups: readonly Group<T>[],
  describe: (value: T) => string,
): ChainError => {
  const said = groups.map(({ value, by }) => `${namesOf(electorate, by)}: ${describe(value)}`);
  return new ChainError(
    'chain/rpc-disagreement',
    `RPC endpoints of ${electorate.name} disagree about ${what}, and no ${electorate.required} of ` +
      `${electorate.origins.length} say the same: ${said.join('; ')}`,
    { meta: { chain: electorate.name, about: what, required: electorate.required }, retryable: true },
  );
};

/** Errors that most endpoints gave come first; where it is even, the first endpoint's. */
const commonest = (abstentions: readonly Abstention[]): ChainError | undefined => {
  const errors = [...abstentions]
    .sort((a, b) => a.by - b.by)
    .flatMap(({ error }) => (error instanceof ChainError ? error : []));
  const count = (code: ChainErrorCode): number => errors.filter((error) => error.code === code).length;
  return errors.sort((a, b) => count(b.code) - count(a.code))[0];
};

const reasonOf = (error: unknown): string => (isAttestationError(error) ? error.code : 'failed');

/** Too few endpoints gave an answer at all. */
export const tooFew = (electorate: Electorate, { votes, abstentions }: Ballot<unknown>): unknown => {
  const first = commonest(abstentions);
  if (first === undefined) return abstentions[0]?.error;
  // All say the same: so does the sum of them.
  if (votes.length === 0 && abstentions.every(({ error }) => reasonOf(error) === first.code)) return first;
  const reasons = abstentions.map(({ by, error }) => `${electorate.origins[by]}: ${reasonOf(error)}`).join('; ');
  return new ChainError(
    first.code,
    `${electorate.required} RPC endpoints of ${electorate.name} must agree and ${votes.length} of ` +
      `${electorate.origins.length} gave an answer (${reasons}): ${first.message}`,
    { meta: { ...first.meta, chain: electorate.name }, retryable: first.retryable, cause: first },
  );
};
