import { isAttestationError } from '@interchain-attestation/core';
import { ChainError } from '../errors.ts';
import type { Abstention } from './ballot.ts';
import type { Group } from './groups.ts';

/** The RPC endpoints of one chain. */
export interface Electorate {
  /** Name of the chain. */
  readonly name: string;
  /** Names of the endpoints, by their place: origins, never more of a URL. */
  readonly origins: readonly string[];
  /** How many of them must say the same. */
  readonly required: number;
}

/** Endpoints say different things, and none of it is said by enough of them. */
export const disagreement = <T>(
  { name, origins, required }: Electorate,
  what: string,
  groups: readonly Group<T>[],
  describe: (value: T) => string,
): ChainError => {
  const said = groups.map(({ value, by }) => `${by.map((i) => origins[i]).join(' and ')}: ${describe(value)}`);
  return new ChainError(
    'chain/rpc-disagreement',
    `RPC endpoints of ${name} disagree about ${what}, and no ${required} of ${origins.length} say the same: ${said.join('; ')}`,
    { meta: { chain: name, about: what, required }, retryable: true },
  );
};

const codeOf = (error: unknown): string => (isAttestationError(error) ? error.code : 'failed');

/** The error that enough endpoints give alike: as good as an answer. */
export const agreedError = ({ required }: Electorate, abstentions: readonly Abstention[]): unknown => {
  const count = (code: string): number => abstentions.filter(({ error }) => codeOf(error) === code).length;
  return abstentions.find(({ error }) => count(codeOf(error)) >= required)?.error;
};

/** Too few endpoints can answer. What one of them says is wrong may be a lie: it is an outage, and told in the text. */
export const tooFew = ({ name, origins, required }: Electorate, abstentions: readonly Abstention[]): ChainError => {
  const reasons = abstentions.map(({ by, error }) => `${origins[by]}: ${codeOf(error)}`);
  const said = reasons.length === 0 ? 'too few of them know' : reasons.join('; ');
  return new ChainError(
    'chain/unavailable',
    `${required} of ${origins.length} RPC endpoints of ${name} must agree, and too few can answer (${said})`,
    { meta: { chain: name, required }, retryable: true, cause: abstentions[0]?.error },
  );
};
