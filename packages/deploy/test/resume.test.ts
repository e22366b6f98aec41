import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createMemorySigner } from '@interchain-attestation/chains';
import { accessManagerAbi, roleIds } from '@interchain-attestation/contracts';
import { type Address, createAttestorSet, privateKeyToAddress } from '@interchain-attestation/core';
import { createPublicClient, http } from 'viem';
import {
  createDeployer,
  type DeployError,
  type Deployer,
  type InitialState,
  type Manifest,
  manifestFile,
  readEvmManifest,
} from '../src/index.ts';
import { ANVIL_KEY, startTestChain, type TestChain } from './support/anvil.ts';

const addressOf = (byte: number): Address => privateKeyToAddress(new Uint8Array(32).fill(byte));
const WRONG = addressOf(66);
const RIGHT = addressOf(77);
const addresses = [1, 2, 3].map(addressOf);

/** What an earlier run left behind, cut off where its node went away. */
describe('a run after one that was cut off', () => {
  let chain: TestChain;
  let directory: string;
  const { fetch } = globalThis;
  let asked = 0;

  const client = (clientId: string, set = createAttestorSet(addresses, 2)) => ({
    clientId,
    counterpartyClientId: 'attest-other',
    set,
    allowMinorityQuorum: false,
    allowSingleAttestor: false,
    initialState: async (): Promise<InitialState> => {
      asked++;
      return { height: BigInt(6 + asked), timestampSec: 1_700_000_000n, from: 'attestors' };
    },
  });
  const deployer = (): Deployer =>
    createDeployer({
      chain: { name: 'alpha', chainId: 31337, rpcUrl: chain.rpcUrl },
      who: createMemorySigner(ANVIL_KEY),
      directory,
    });
  /** Runs while the node answers no call of this method. */
  const without = async (method: string, work: () => Promise<unknown>): Promise<void> => {
    globalThis.fetch = async (input, init) => {
      if (String(init?.body).includes(method)) throw new TypeError('fetch failed');
      return fetch(input, init);
    };
    try {
      await assert.rejects(work());
    } finally {
      globalThis.fetch = fetch;
    }
  };
  const manifest = async (): Promise<Manifest> => {
    const found = await readEvmManifest(manifestFile(directory, 'alpha'));
    assert.ok(found);
    return found;
  };
  const isAdmin = async (account: Address): Promise<boolean> => {
    const { contracts } = await manifest();
    assert.ok(contracts.accessManager);
    const [isMember] = await createPublicClient({ transport: http(chain.rpcUrl) }).readContract({
      address: contracts.accessManager.address,
      abi: accessManagerAbi,
      functionName: 'hasRole',
      args: [roleIds.admin, account],
    });
    return isMember;
  };

  beforeEach(async () => {
    asked = 0;
    chain = await startTestChain();
    directory = await mkdtemp(join(tmpdir(), 'attest-resume-'));
    await deployer().core({ relayers: 'anybody' });
  });
  afterEach(async () => {
    await chain.close();
    await rm(directory, { recursive: true });
  });

  test('what was signed and never sent is not sent by a run that wants something else', async () => {
    const plain = { allowPlainAccount: true };
    await without('eth_sendRawTransaction', () => deployer().handover({ admin: WRONG, ...plain }));
    assert.equal((await manifest()).pending?.step, `handover:grant:${WRONG}`);
    const { steps, warnings } = await deployer().handover({ admin: RIGHT, ...plain });
    assert.deepEqual([...new Set(steps.map(({ outcome }) => outcome))], ['done']);
    assert.deepEqual(warnings, []);
    assert.deepEqual([await isAdmin(WRONG), await isAdmin(RIGHT)], [false, true]);
    assert.equal((await manifest()).pending, undefined);
  });

  test('a mistyped admin of an earlier run stops the handover, and is named', async () => {
    const plain = { allowPlainAccount: true };
    await without('eth_getTransactionReceipt', () => deployer().handover({ admin: WRONG, ...plain }));
    await assert.rejects(deployer().handover({ admin: RIGHT, ...plain }), (error: DeployError) => {
      assert.equal(error.code, 'deploy/conflict');
      assert.deepEqual(
        error.details.map(({ found }) => found),
        [WRONG],
      );
      return true;
    });
    assert.deepEqual([await isAdmin(WRONG), await isAdmin(RIGHT)], [true, false]);
    await deployer().handover({ admin: RIGHT, ...plain, otherAdmins: [WRONG] });
    assert.equal(await isAdmin(RIGHT), true);
  });

  test('a client that was created waits for its own run, whatever is deployed before', async () => {
    await without('eth_getTransactionReceipt', () => deployer().client(client('attest-aaaa')));
    const hash = (await manifest()).pending?.hash;
    const { warnings } = await deployer().client(client('attest-bbbb'));
    assert.match(warnings.join(), /deploy:client:attest-aaaa/);
    const askedBefore = asked;
    const { steps } = await deployer().client(client('attest-aaaa'));
    assert.deepEqual(
      steps.map(({ outcome }) => outcome),
      ['resumed', 'done'],
    );
    assert.equal(asked, askedBefore, 'no attestor was asked again');
    const { clients, unclaimed } = await manifest();
    assert.equal(clients['attest-aaaa']?.txHash, hash);
    assert.equal(clients['attest-aaaa']?.initialHeight, '7');
    assert.equal(clients['attest-aaaa']?.initialStateFrom, 'attestors');
    assert.equal(unclaimed, undefined);
  });

  test('a light client with a set that was corrected since is left unused', async () => {
    const mistyped = createAttestorSet([...addresses.slice(0, 2), WRONG], 2);
    await without('eth_getTransactionReceipt', () => deployer().client(client('attest-aaaa', mistyped)));
    const hash = (await manifest()).pending?.hash;
    const { steps, warnings } = await deployer().client(client('attest-aaaa'));
    assert.equal(steps.at(-1)?.outcome, 'done');
    assert.match(warnings.join(), /another set/);
    const { clients, unclaimed } = await manifest();
    assert.notEqual(clients['attest-aaaa']?.txHash, hash);
    assert.deepEqual(clients['attest-aaaa']?.attestors, addresses);
    assert.equal(unclaimed, undefined);
  });
});
