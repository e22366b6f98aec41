import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createMemorySigner, type Signer } from '@interchain-attestation/chains';
import { type CosmosChain, cosmosAddress, createCosmosChain } from '@interchain-attestation/chains/cosmos';
import { createAttestorSet, privateKeyToAddress } from '@interchain-attestation/core';
import { goProgram, type IbcGoChain, skipWithout, startIbcGoChain } from '@interchain-attestation/go-tools';
import {
  type CosmosClientOptions,
  type CosmosDeployer,
  type CosmosManifest,
  createCosmosDeployer,
  DeployError,
  type InitialState,
  manifestFile,
  readManifest,
} from '../src/index.ts';

const program = await goProgram('ibc-go-chain');
const skip = skipWithout(program);

const signer = createMemorySigner(`0x${'11'.repeat(32)}`);
const other = createMemorySigner(`0x${'22'.repeat(32)}`);
const poor = createMemorySigner(`0x${'33'.repeat(32)}`);
const keys = [1, 2, 3, 4, 5].map((index) => new Uint8Array(32).fill(index));
const set = createAttestorSet(
  keys.map((key) => privateKeyToAddress(key)),
  3,
);
const initialState = async (): Promise<InitialState> => ({
  height: 7n,
  timestampSec: 1_700_000_000n,
  from: 'attestors',
});
const rejectsWith = (work: Promise<unknown>, code: string, text = /./): Promise<void> =>
  assert.rejects(work, (error) => error instanceof DeployError && error.code === code && text.test(error.message));

describe('deploy on a Cosmos chain', { skip }, () => {
  let node: IbcGoChain;
  let chain: CosmosChain;
  let directory: string;

  const connect = (): CosmosChain =>
    createCosmosChain({ name: 'gaia', chainId: 'gaia-1', rpcUrl: node.rpcUrl, gasPrice: '0.01stake' });
  const deployer = (options: { dryRun?: boolean; who?: Signer | string; on?: CosmosChain } = {}): CosmosDeployer =>
    createCosmosDeployer({
      chain: options.on ?? chain,
      who: options.who ?? signer,
      directory,
      dryRun: options.dryRun ?? false,
    });
  const client = (connection: string, more: Partial<CosmosClientOptions> = {}): CosmosClientOptions => ({
    ...{ connection, set, allowMinorityQuorum: false, allowSingleAttestor: false, initialState },
    ...more,
  });
  const manifest = async (): Promise<CosmosManifest> => {
    const found = await readManifest(manifestFile(directory, 'gaia'));
    assert.equal(found?.kind, 'cosmos');
    return found as CosmosManifest;
  };

  before(async () => {
    const accounts = [signer, other].map(({ publicKey }) => ({
      address: cosmosAddress(publicKey, 'cosmos'),
      coins: '1000000000stake',
    }));
    const path = 'path' in program ? program.path : '';
    node = await startIbcGoChain({ program: path, chainId: 'gaia-1', timeoutCommitMs: 200, accounts });
    chain = connect();
    directory = await mkdtemp(join(tmpdir(), 'attest-deploy-'));
  });
  after(async () => {
    await chain?.close();
    await node?.stop();
    if (directory !== undefined) await rm(directory, { recursive: true });
  });

  test('a dry run says what it would do, sends nothing and writes nothing', async () => {
    const plan = await deployer({ dryRun: true }).client(client('one'));
    assert.equal(plan.clientId, undefined);
    assert.deepEqual(
      plan.steps.map(({ step, outcome }) => [step, outcome]),
      [['create:client:one', 'planned']],
    );
    const address = cosmosAddress(signer.publicKey, 'cosmos');
    const asked = await deployer({ who: address }).counterparty({ connection: 'one', counterpartyClientId: 'x-1' });
    assert.equal(asked.steps[0]?.outcome, 'planned');
    assert.deepEqual(await readdir(directory), []);
    assert.deepEqual(
      (await chain.registry.clientIds()).filter((id) => id.startsWith('attestations-')),
      [],
    );
  });

  test('creates the client, names its counterparty, and changes nothing when run again', async () => {
    const made = await deployer().client(client('one'));
    assert.equal(made.clientId, 'attestations-0');
    assert.equal(made.steps[0]?.outcome, 'done');
    const state = await chain.clients.clientState('attestations-0');
    assert.deepEqual(state.attestors, set.attestors);
    assert.deepEqual([state.minRequiredSigs, state.latestHeight, state.isFrozen], [3, 7n, false]);
    assert.deepEqual(await chain.clients.consensusTimestamps('attestations-0', [7n]), [1_700_000_000n]);

    const counterparty = { connection: 'one', counterpartyClientId: 'attest-gaia-0' };
    assert.equal((await deployer().counterparty(counterparty)).steps[0]?.outcome, 'done');
    const named = await chain.clients.counterparty('attestations-0');
    assert.equal(named.clientId, 'attest-gaia-0');
    assert.deepEqual(named.merklePrefix, [new Uint8Array()]);

    const text = await readFile(manifestFile(directory, 'gaia'), 'utf8');
    assert.equal((await deployer().client(client('one'))).steps[0]?.outcome, 'exists');
    assert.equal((await deployer().counterparty(counterparty)).steps[0]?.outcome, 'exists');
    assert.equal(await readFile(manifestFile(directory, 'gaia'), 'utf8'), text);
    const { clients } = await manifest();
    assert.equal(clients.one?.created?.initialStateFrom, 'attestors');
    assert.match(clients.one?.created?.txHash ?? '', /^0x[0-9a-f]{64}$/);
    assert.deepEqual(await readdir(directory), ['gaia.json', 'gaia.json.lock']);
  });

  test('another counterparty, set, quorum or client than the one that stands is a conflict, field by field', async () => {
    await rejectsWith(
      deployer().counterparty({ connection: 'one', counterpartyClientId: 'attest-other-0' }),
      'deploy/conflict',
      /counterparty.clientId is attest-gaia-0/,
    );
    await rejectsWith(
      deployer().client(client('one', { set: createAttestorSet(set.attestors, 4) })),
      'deploy/conflict',
      /quorum is 3/,
    );
    const fewer = createAttestorSet(set.attestors.slice(0, 4), 3);
    await rejectsWith(deployer().client(client('one', { set: fewer })), 'deploy/conflict', /attestors/);
    await rejectsWith(
      deployer().client(client('one', { clientId: 'attestations-9' })),
      'deploy/conflict',
      /client\.id/,
    );
    await rejectsWith(deployer().client(client('new', { clientId: 'attestations-9' })), 'deploy/conflict', /absent/);
    await rejectsWith(
      deployer().counterparty({ connection: 'none', counterpartyClientId: 'x-0' }),
      'deploy/not-deployed',
    );
  });

  test('a counterparty whose id no Cosmos chain takes is named before anything is sent', async () => {
    const options = { connection: 'one', counterpartyClientId: 'attest-gaia' };
    await rejectsWith(deployer().counterparty(options), 'deploy/invalid-input', /-NUMBER/);
  });

  test('a client that is there already can be adopted, with a word about it', async () => {
    const result = await deployer().client(client('adopted', { clientId: 'attestations-0' }));
    assert.equal(result.clientId, 'attestations-0');
    assert.match(result.warnings.join(), /not created with this manifest/);
    assert.equal((await manifest()).clients.adopted?.created, undefined);
  });

  test('a client of another kind is not adopted', async () => {
    const foreign = (await chain.registry.clientIds()).find((id) => !id.startsWith('attestations-')) ?? '09-localhost';
    await rejectsWith(deployer().client(client('foreign', { clientId: foreign })), 'deploy/conflict');
  });

  test('sets that need an allowance are refused without it', async () => {
    const minority = createAttestorSet(set.attestors, 2);
    await rejectsWith(deployer().client(client('weak', { set: minority })), 'deploy/invalid-input', /no majority/);
    const single = createAttestorSet(set.attestors.slice(0, 1), 1);
    await rejectsWith(deployer().client(client('weak', { set: single })), 'deploy/invalid-input', /alone/);
  });

  test('what cannot be paid or is refused by the chain leaves nothing behind', async () => {
    await rejectsWith(deployer({ who: poor }).client(client('poor')), 'deploy/insufficient-funds');
    const zero = async (): Promise<InitialState> => ({ height: 0n, timestampSec: 1n, from: 'operator' });
    await rejectsWith(deployer().client(client('zero', { initialState: zero })), 'deploy/invalid-input');
    assert.equal((await manifest()).pending, undefined);
  });

  /** An adapter whose sender is ended at a point, as SIGKILL would end it: the error reaches nobody who could tidy up. */
  const ending = (at: 'before' | 'after'): CosmosChain => ({
    ...chain,
    createSender: (who, options) => {
      const sender = chain.createSender(who, options);
      return {
        ...sender,
        async submit(transaction) {
          if (at === 'after') await sender.submit(transaction);
          throw new Error('ended here');
        },
      };
    },
  });
  const count = async (): Promise<number> =>
    (await chain.registry.clientIds()).filter((id) => id.startsWith('attestations-')).length;

  test('ended after the transaction was sent, the next run finds the client and makes no second one', async () => {
    const before = await count();
    await assert.rejects(deployer({ on: ending('after') }).client(client('two')), /ended here/);
    assert.equal((await manifest()).pending?.connection, 'two');
    assert.equal(await count(), before + 1);
    // It may meanwhile have been told to adopt or to create another one first: the first is not lost.
    await deployer().client(client('adopted meanwhile', { clientId: 'attestations-0' }));
    assert.equal((await manifest()).pending?.connection, 'two');
    const three = await deployer().client(client('three'));
    const two = await deployer().client(client('two'));
    assert.notEqual(two.clientId, three.clientId);
    assert.equal(await count(), before + 2);
    assert.equal((await manifest()).pending, undefined);
  });

  test('ended before it was sent, the next run waits until that can no longer happen, and creates it', async () => {
    const before = await count();
    await assert.rejects(deployer({ on: ending('before') }).client(client('four')), /ended here/);
    const file = manifestFile(directory, 'gaia');
    const { pending, ...rest } = await manifest();
    assert.ok(pending);
    // Waiting for a hundred blocks is the real thing, but long: a few show the same.
    const { height } = await chain.reader.latestBlock();
    const soon = { ...rest, pending: { ...pending, timeoutHeight: (height + 3n).toString() } };
    await writeFile(file, JSON.stringify(soon));
    const four = await deployer().client(client('four'));
    assert.equal(four.steps[0]?.outcome, 'done');
    assert.ok((await chain.reader.latestBlock()).height > height + 3n);
    assert.equal(await count(), before + 1);
  });

  test('what one account left unfinished another one does not finish', async () => {
    await assert.rejects(deployer({ on: ending('after') }).client(client('five')), /ended here/);
    await rejectsWith(deployer({ who: other }).client(client('five')), 'deploy/conflict', /that account/);
    assert.equal((await deployer().client(client('five'))).steps[0]?.outcome, 'resumed');
  });

  test('a counterparty that an ended run named while this one was about to is taken as named', async () => {
    const connection = 'six';
    const options = { connection, counterpartyClientId: 'attest-six-0' };
    await deployer().client(client(connection));
    await deployer().counterparty(options);
    // The chain shows it only at the second look, as if the transaction of the ended run had come in between.
    let looks = 0;
    const late: CosmosChain = {
      ...chain,
      clients: {
        ...chain.clients,
        counterparty: (clientId, call) =>
          looks++ === 0
            ? chain.clients.counterparty('attestations-99', call)
            : chain.clients.counterparty(clientId, call),
      },
    };
    const { steps } = await deployer({ on: late }).counterparty(options);
    assert.deepEqual([steps[0]?.outcome, looks], ['resumed', 2]);
  });

  test('a manifest of another chain, or of another kind, is refused', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'attest-deploy-'));
    try {
      const file = manifestFile(elsewhere, 'gaia');
      const run = (): Promise<unknown> =>
        createCosmosDeployer({ chain, who: signer, directory: elsewhere }).client(client('one'));
      await writeFile(file, JSON.stringify({ ...(await manifest()), genesisHash: `0x${'00'.repeat(32)}` }));
      await rejectsWith(run(), 'deploy/conflict', /genesisHash/);
      const evm = { version: 1, chainId: '1', genesisHash: '0x00', contracts: {}, clients: {} };
      await writeFile(file, JSON.stringify(evm));
      await rejectsWith(run(), 'deploy/conflict', /kind/);
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });
});
