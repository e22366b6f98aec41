import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createMemorySigner } from '@interchain-attestation/chains';
import { createAttestorSet, isAttestationError, privateKeyToAddress } from '@interchain-attestation/core';
import {
  createDeployer,
  type DeployError,
  type Deployer,
  type InitialState,
  manifestFile,
  readEvmManifest,
} from '../src/index.ts';
import { ANVIL_KEY, startTestChain, type TestChain } from './support/anvil.ts';

const signer = createMemorySigner(ANVIL_KEY);
const keys = [1, 2, 3, 4, 5].map((index) => new Uint8Array(32).fill(index));
const addresses = keys.map((key) => privateKeyToAddress(key));
const initialState = async (): Promise<InitialState> => ({
  height: 7n,
  timestampSec: 1_700_000_000n,
  from: 'attestors',
});
const client = {
  clientId: 'attest-beta',
  counterpartyClientId: 'attest-alpha',
  set: createAttestorSet(addresses, 3),
  allowMinorityQuorum: false,
  allowSingleAttestor: false,
  initialState,
};
const outcomes = (steps: readonly { step: string; outcome: string }[]): readonly string[] => [
  ...new Set(steps.map(({ outcome }) => outcome)),
];

describe('deploy', () => {
  let chain: TestChain;
  let directory: string;
  const deployer = (options: { dryRun?: boolean; dir?: string } = {}): Deployer =>
    createDeployer({
      chain: { name: 'alpha', chainId: 31337, rpcUrl: chain.rpcUrl },
      who: signer,
      directory: options.dir ?? directory,
      dryRun: options.dryRun ?? false,
    });
  const send = { relayers: 'anybody' } as const;

  before(async () => {
    chain = await startTestChain();
    directory = await mkdtemp(join(tmpdir(), 'attest-deploy-'));
  });
  after(async () => {
    await chain.close();
    await rm(directory, { recursive: true });
  });

  test('a dry run predicts the addresses, sends nothing and writes nothing', async () => {
    const plan = await deployer({ dryRun: true }).core(send);
    assert.deepEqual(outcomes(plan.steps), ['planned']);
    assert.deepEqual(await readdir(directory), []);
    assert.equal(await chain.rpc('eth_blockNumber'), '0x0');
    const real = await deployer().core(send);
    assert.deepEqual(outcomes(real.steps), ['done']);
    assert.deepEqual(
      plan.steps.map(({ step, address }) => [step, address]),
      real.steps.map(({ step, address }) => [step, address]),
    );
  });

  test('core, transfer and client are there after one run each, and a second run changes nothing', async () => {
    await deployer().transfer();
    await deployer().client(client);
    const text = await readFile(manifestFile(directory, 'alpha'), 'utf8');
    const height = await chain.rpc('eth_blockNumber');
    for (const result of [await deployer().core(send), await deployer().transfer(), await deployer().client(client)]) {
      assert.deepEqual(outcomes(result.steps), ['exists']);
    }
    assert.equal(await chain.rpc('eth_blockNumber'), height);
    assert.equal(await readFile(manifestFile(directory, 'alpha'), 'utf8'), text);
    const manifest = await readEvmManifest(manifestFile(directory, 'alpha'));
    assert.equal(manifest?.clients['attest-beta']?.initialStateFrom, 'attestors');
    assert.ok(manifest?.clients['attest-beta']?.registeredTx);
  });

  test('a client that is not what the configuration asks for is a conflict, listed field by field', async () => {
    const stranger = privateKeyToAddress(new Uint8Array(32).fill(9));
    const wrong = {
      ...client,
      counterpartyClientId: 'attest-gamma',
      set: createAttestorSet([...addresses.slice(0, 4), stranger], 4),
    };
    await assert.rejects(deployer().client(wrong), (error: DeployError) => {
      assert.equal(error.code, 'deploy/conflict');
      assert.deepEqual(
        error.details.map(({ field, wanted, found }) => [field, wanted, found]),
        [
          ['client.attestors', stranger, 'absent'],
          ['client.attestors', 'absent', addresses[4]],
          ['client.quorum', '4', '3'],
          ['client.counterparty.clientId', 'attest-gamma', 'attest-alpha'],
        ],
      );
      return true;
    });
  });

  test('a manifest of another chain, of other contracts, or damaged is refused', async () => {
    const other = await startTestChain(31337, ['--timestamp', '1700000000']);
    try {
      const elsewhere = createDeployer({
        chain: { name: 'alpha', chainId: 31337, rpcUrl: other.rpcUrl },
        who: signer,
        directory,
      });
      await assert.rejects(elsewhere.core(send), (error: DeployError) => {
        assert.deepEqual(
          error.details.map(({ field }) => field),
          ['genesisHash'],
        );
        return error.code === 'deploy/conflict';
      });
    } finally {
      await other.close();
    }
    const file = manifestFile(directory, 'alpha');
    const text = await readFile(file, 'utf8');
    const parsed = JSON.parse(text);
    parsed.contracts.ics26Router.codeHash = `0x${'11'.repeat(32)}`;
    await writeFile(file, JSON.stringify(parsed));
    await assert.rejects(deployer().core(send), { code: 'deploy/conflict' });
    await writeFile(file, text.slice(0, 100));
    await assert.rejects(deployer().core(send), { code: 'deploy/manifest-invalid' });
    await writeFile(file, text);
  });

  test('sets that one attestor or a minority could decide for are refused', async () => {
    const single = { ...client, clientId: 'single', set: createAttestorSet(addresses.slice(0, 1), 1) };
    await assert.rejects(deployer().client(single), { code: 'deploy/invalid-input' });
    const minority = { ...client, clientId: 'minority', set: createAttestorSet(addresses, 2) };
    await assert.rejects(deployer().client(minority), { code: 'deploy/invalid-input' });
    const result = await deployer().client({ ...minority, allowMinorityQuorum: true });
    assert.deepEqual(outcomes(result.steps), ['done']);
  });

  test('handover grants before it gives up, and deploy warns until then', async () => {
    const admin = (await readEvmManifest(manifestFile(directory, 'alpha')))?.contracts.ics20Transfer?.address;
    assert.ok(admin);
    assert.match((await deployer().core(send)).warnings.join(), /handover/);
    await assert.rejects(deployer().handover({ admin: addresses[0] ?? admin, allowPlainAccount: false }), {
      code: 'deploy/invalid-input',
    });
    const result = await deployer().handover({ admin, allowPlainAccount: false });
    assert.deepEqual(outcomes(result.steps), ['done']);
    assert.deepEqual((await deployer().core(send)).warnings, []);
    assert.deepEqual(outcomes((await deployer().handover({ admin, allowPlainAccount: false })).steps), ['exists']);
    await assert.rejects(deployer().client({ ...client, clientId: 'later' }), (error: unknown) =>
      isAttestationError(error, 'deploy/transaction-failed'),
    );
  });

  test('relaying that is open to everybody is closed only when that is asked for', async () => {
    const dir = join(directory, 'open');
    await deployer({ dir }).core(send);
    const closed = { relayers: addresses.slice(0, 1) };
    await assert.rejects(deployer({ dir }).core(closed), { code: 'deploy/conflict' });
    const { steps } = await deployer({ dir }).core({ ...closed, closeRelaying: true });
    assert.equal(steps.find(({ step }) => step === 'rules:ics26Router')?.outcome, 'done');
    assert.deepEqual(outcomes((await deployer({ dir }).core(closed)).steps), ['exists']);
  });

  test('a chain without transient storage is refused before anything is sent', async () => {
    const old = await startTestChain(31339, ['--hardfork', 'shanghai']);
    try {
      const target = { name: 'old', chainId: 31339, rpcUrl: old.rpcUrl };
      await assert.rejects(createDeployer({ chain: target, who: signer, directory }).core(send), {
        code: 'deploy/chain-unsupported',
      });
      const wrong = { name: 'old', chainId: 1, rpcUrl: old.rpcUrl };
      await assert.rejects(createDeployer({ chain: wrong, who: signer, directory }).core(send), {
        code: 'deploy/conflict',
      });
      assert.equal(await old.rpc('eth_blockNumber'), '0x0');
    } finally {
      await old.close();
    }
    const gone = { name: 'old', chainId: 31339, rpcUrl: `${old.rpcUrl}/secret-key` };
    await assert.rejects(createDeployer({ chain: gone, who: signer, directory }).core(send), (error: DeployError) => {
      assert.doesNotMatch(error.message, /secret-key/);
      return error.code === 'deploy/unavailable';
    });
  });
});
