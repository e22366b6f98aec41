import { utf8ToBytes } from '@interchain-attestation/core';
import type { OracleClient } from '@interchain-attestation/go-tools';
import { bare, type Case, type Outcome, type Step } from './cases.ts';
import { clientStateBytes, consensusStateBytes } from './clients.ts';

const toStep = (step: Step): object => {
  switch (step.kind) {
    case 'initialize': {
      const timestampNs = BigInt.asUintN(64, step.timestampSec * 1_000_000_000n);
      return {
        do: 'initialize',
        clientState: bare(clientStateBytes(step.attestors, step.minRequiredSigs, step.height)),
        consensusState: bare(consensusStateBytes(timestampNs)),
      };
    }
    case 'updateClient':
    case 'misbehaviour':
      return { do: 'update', proof: bare(step.message) };
    case 'verifyMembership':
    case 'verifyNonMembership':
      return {
        do: step.kind,
        proof: bare(step.proof),
        height: `${step.revisionNumber}-${step.height}`,
        path: step.path.map(bare),
        value: bare(step.value),
      };
    case 'timestampAtHeight':
      return { do: step.kind, height: `0-${step.height}` };
    default:
      return { do: step.kind };
  }
};

interface StepAnswer {
  readonly ok: boolean;
  readonly codespace?: string;
  readonly code?: number;
  readonly panic?: string;
  readonly status?: string;
  readonly height?: string;
  readonly timestampNs?: string;
  readonly misbehaviour?: boolean;
  readonly heights?: readonly string[];
}

const describe = (answer: StepAnswer): string => {
  if (answer.panic !== undefined) return 'panic';
  if (!answer.ok) return `${answer.codespace}/${answer.code}`;
  if (answer.misbehaviour) return 'ok Misbehaviour';
  if (answer.heights !== undefined) return `ok ${answer.heights.join(' ')}`;
  const value = answer.status ?? answer.height ?? answer.timestampNs;
  return value === undefined ? 'ok' : `ok ${value}`;
};

/** Asks ibc-go. */
export const askOracle = async (oracle: OracleClient, { level, store, steps }: Case): Promise<Outcome> => {
  const answer = await oracle.request('client', {
    level,
    store: Object.fromEntries(store.map(([key, value]) => [bare(utf8ToBytes(key)), bare(value)])),
    steps: steps.map(toStep),
  });
  return {
    results: (answer.results as StepAnswer[]).map(describe),
    store: Object.entries(answer.store as Record<string, string>)
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
  };
};
