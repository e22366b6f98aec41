import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AttestConfig } from '../src/config/types.ts';
import { deployConnections } from '../src/services/deploy-connections.ts';
import type { Hands } from '../src/services/deploy-hands.ts';

const ATTESTORS = {
  e1: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
  g1: '0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF',
};
const client = (on: string, of: string, id: string | undefined, attestor: string) => ({
  ...{ on, of, id, quorum: 1, attestors: [attestor] },
  ...{ allowMinorityQuorum: false, allowSingleAttestor: true },
});
const config = {
  dataDir: '/nonexistent',
  chains: { eth: { kind: 'evm' }, gaia: { kind: 'cosmos' } },
  attestors: { e1: { address: ATTESTORS.e1 }, g1: { address: ATTESTORS.g1 } },
  connections: {
    x: { clients: [client('eth', 'gaia', 'attest-gaia-0', 'g1'), client('gaia', 'eth', undefined, 'e1')] },
  },
} as unknown as AttestConfig;

/** Deployers that only note what they are asked. */
const deploy = async (onEvm: () => Promise<object>): Promise<readonly string[]> => {
  const asked: string[] = [];
  const result = { chain: '', steps: [], warnings: [] };
  const evm = {
    client: ({ counterpartyClientId }: { counterpartyClientId: string }) => {
      asked.push(`eth client of ${counterpartyClientId}`);
      return onEvm();
    },
  };
  const cosmos = {
    client: async () => {
      asked.push('gaia client');
      return { ...result, clientId: 'attestations-1' };
    },
    counterparty: async ({ counterpartyClientId }: { counterpartyClientId: string }) => {
      asked.push(`gaia counterparty ${counterpartyClientId}`);
      return result;
    },
  };
  const hands = { dryRun: false, evm: new Map([['eth', evm]]), cosmos: new Map([['gaia', cosmos]]) };
  await deployConnections(config, ['x'], hands as unknown as Hands, () => Promise.reject(new Error('not asked')));
  return asked;
};

describe('the ends of a connection', () => {
  const created = ['gaia client', 'eth client of attestations-1'];

  test('Cosmos first, then EVM with its id, then the counterparty on Cosmos', async () => {
    assert.deepEqual(await deploy(async () => ({ steps: [] })), [...created, 'gaia counterparty attest-gaia-0']);
  });

  test('where the EVM chain holds another client, Cosmos names none: that could never be undone', async () => {
    assert.deepEqual(await deploy(() => Promise.reject(new Error('deploy/conflict'))), created);
  });
});
