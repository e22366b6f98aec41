import { isAttestationError, utf8ToBytes } from '@interchain-attestation/core';
import {
  createLightClient,
  createMemoryStore,
  ibcGoModulePolicy,
  ibcGoPolicy,
  type LightClient,
  type Policy,
  type Rejection,
  type Verdict,
} from '@interchain-attestation/light-client';
import { bare, type Case, type Level, type Outcome, type Step } from './cases.ts';

export const POLICIES: Readonly<Record<Level, Policy>> = { module: ibcGoModulePolicy, core: ibcGoPolicy };

const describeRejection = ({ abci }: Rejection): string => {
  if (abci === undefined) return 'no code';
  return abci.codespace === 'sdk' && abci.code === 111_222 ? 'panic' : `${abci.codespace}/${abci.code}`;
};

const describe = <T extends object>(verdict: Verdict<T>, text: (value: T) => string = () => 'ok'): string =>
  verdict.ok ? text(verdict) : describeRejection(verdict);

const runStep = (client: LightClient, step: Step, level: Level): string => {
  switch (step.kind) {
    case 'initialize':
      return describe(client.initialize(step));
    case 'updateClient':
    case 'misbehaviour':
      return describe(client.updateClient(step.message), ({ result, attested }) => {
        // IBC core does not say what came of an update that it took.
        if (level === 'core') return 'ok';
        return result === 'Misbehaviour' ? 'ok Misbehaviour' : `ok 0-${attested.height}`;
      });
    case 'verifyMembership':
      return describe(client.verifyMembership(step));
    case 'verifyNonMembership':
      return describe(client.verifyNonMembership(step));
    case 'status':
      return `ok ${client.status()}`;
    case 'latestHeight':
      return `ok 0-${client.latestHeight()}`;
    case 'timestampAtHeight': {
      const timestamp = client.timestampAtHeight(step.height);
      return timestamp === undefined ? 'client/7' : `ok ${timestamp}`;
    }
    case 'recover':
      return describe(client.recover());
    case 'upgrade':
      return describe(client.upgrade());
  }
};

/** Runs a case on our state machine. */
export const runModel = ({ level, store: entries, steps }: Case, policy: Policy = POLICIES[level]): Outcome => {
  const store = createMemoryStore();
  store.apply(entries.map(([key, value]) => ({ key, value })));
  const client = createLightClient({ policy, store });
  const results = steps.map((step) => {
    try {
      return runStep(client, step, level);
    } catch (error) {
      // Where ibc-go panics about what it finds in its own store, this package throws.
      if (isAttestationError(error, 'light-client/state-malformed')) return 'panic';
      throw error;
    }
  });
  return {
    results,
    store: [...store.entries()].map(([key, value]) => `${bare(utf8ToBytes(key))}=${bare(value)}`).sort(),
  };
};
