import { attestationLightClientArtifact } from '@interchain-attestation/contracts';
import type { Hex } from '@interchain-attestation/core';
import { createLightClient, createMemoryStore, solidityPolicy } from '@interchain-attestation/light-client';
import { encodeDeployData } from 'viem';
import { keyAt } from '../generate/signatures.ts';
import { ANVIL_ACCOUNT, type Anvil } from './anvil.ts';
import { describeResult, revertData } from './compare.ts';

const ZERO: Hex = '0x0000000000000000000000000000000000000000';
const { abi, bytecode } = attestationLightClientArtifact;
const set = (...indexes: number[]): Hex[] => indexes.map((index) => keyAt(index).address);

interface ConstructorCase {
  readonly name: string;
  readonly attestors: readonly Hex[];
  readonly minRequiredSigs: number;
}

/** First states that the contract and the state machine must both take, or both refuse in the same words. */
export const CONSTRUCTOR_CASES: readonly ConstructorCase[] = [
  { name: 'nobody', attestors: [], minRequiredSigs: 1 },
  { name: 'nobody, quorum 0', attestors: [], minRequiredSigs: 0 },
  { name: 'quorum 0', attestors: set(0, 1), minRequiredSigs: 0 },
  { name: 'quorum above the set', attestors: set(0, 1), minRequiredSigs: 3 },
  { name: 'quorum 255 of 2', attestors: set(0, 1), minRequiredSigs: 255 },
  { name: 'all of them', attestors: set(0, 1, 2), minRequiredSigs: 3 },
  { name: 'one of one', attestors: set(0), minRequiredSigs: 1 },
  { name: 'a neighbour twice', attestors: set(0, 1, 1), minRequiredSigs: 2 },
  { name: 'first and last the same', attestors: set(0, 1, 2, 0), minRequiredSigs: 2 },
  { name: 'two doubled', attestors: set(0, 1, 2, 2, 1), minRequiredSigs: 2 },
  { name: 'doubled and quorum above the set', attestors: set(0, 0), minRequiredSigs: 3 },
  { name: 'the zero address', attestors: [ZERO, ...set(0)], minRequiredSigs: 1 },
  { name: 'the zero address twice', attestors: [ZERO, ZERO], minRequiredSigs: 1 },
];

/** Texts of the cases in which contract and model differ. */
export const compareConstructors = async (anvil: Anvil): Promise<string[]> => {
  const answers = await anvil.batch(
    CONSTRUCTOR_CASES.map(({ attestors, minRequiredSigs }) => ({
      method: 'eth_call',
      params: [
        {
          from: ANVIL_ACCOUNT,
          data: encodeDeployData({ abi, bytecode, args: [attestors, minRequiredSigs, 1n, 1n, ZERO] }),
        },
        'latest',
      ],
    })),
  );
  return CONSTRUCTOR_CASES.flatMap(({ name, attestors, minRequiredSigs }, i) => {
    const model = createLightClient({ policy: solidityPolicy, store: createMemoryStore() });
    const verdict = model.initialize({ attestors, minRequiredSigs, height: 1n, timestampSec: 1n });
    const answer = answers[i];
    const expected = verdict.ok ? 'success' : describeResult({ success: false, data: revertData(verdict) });
    const got =
      answer !== undefined && 'error' in answer
        ? describeResult({ success: false, data: answer.error.data as Hex })
        : 'success';
    return got === expected ? [] : [`constructor, ${name}: contract ${got}, model ${expected}`];
  });
};
