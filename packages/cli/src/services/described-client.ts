import { CliError } from '../output/errors.ts';
import type { DescribedClient } from './client-state-input.ts';
import type { InspectedClient } from './judge-proof.ts';
import { formOf, PROFILE_NAMES, PROFILES, type ProfileName, type ProofForm } from './profile.ts';
import { type ReadProofItem, readItem } from './proof-inspect.ts';
import type { ProofItem } from './proof-item.ts';

/** Profiles to ask when none is named: those that take the form of the client, or else of the proofs. */
export const likelyProfiles = (described: DescribedClient, items: readonly ProofItem[]): readonly ProfileName[] => {
  const form: ProofForm =
    described.form ?? items.map((item) => readItem(item).form).find((each) => each !== undefined) ?? 'abi';
  return PROFILE_NAMES.filter((name) => formOf(name) === form && name !== 'ibc-go-module');
};

/**
 * A described client, ready for verdicts. Its timestamps are mostly not part of a description: for each height that a
 * proof needs and that the client may know, one is taken for granted, and the verdict says so. What the same transaction
 * brings by an update is not: the update decides.
 */
export const describedAs = (
  described: DescribedClient,
  profile: ProfileName,
  items: readonly ProofItem[],
  reencode: boolean,
): InspectedClient => {
  const reads = items.map((item): readonly [ProofItem, ReadProofItem] => [item, readItem(item)]);
  const heights = reads.flatMap(([item, read]) => [item.height, read.height].filter((height) => height !== undefined));
  const latestHeight = described.latestAssumed
    ? (heights
        .filter((height) => height > 0n)
        .toSorted((x, y) => (x < y ? -1 : 1))
        .at(-1) ?? 1n)
    : described.state.latestHeight;
  const updated = new Set(reads.flatMap(([, { attests, height }]) => (attests === 'state' ? [height] : [])));
  const assumed = new Set(
    heights.filter(
      (height) => height > 0n && height <= latestHeight && !updated.has(height) && !described.timestamps.has(height),
    ),
  );
  const { toConsensusTimestamp } = PROFILES[profile];
  const unit = toConsensusTimestamp(1n);
  for (const sec of described.timestamps.values()) {
    if (sec * unit < 2n ** 64n) continue;
    throw new CliError('cli/usage', `no ${profile} client is in this state: ${sec} seconds are no timestamp there`);
  }
  const given = [...described.timestamps].map(([height, sec]) => [height, toConsensusTimestamp(sec)] as const);
  // Any timestamp will do: a membership proof asks only whether there is one.
  const granted = [...assumed].map((height) => [height, 1n] as const);
  return {
    profile,
    state: { ...described.state, latestHeight },
    consensus: new Map([...granted, ...given]),
    assumed,
    reencode,
  };
};
