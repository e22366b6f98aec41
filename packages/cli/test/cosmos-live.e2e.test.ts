import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ics26RouterAbi } from '@interchain-attestation/contracts';
import { bytesToHex } from '@interchain-attestation/core';
import {
  cosmosAddressOf,
  type Devnet,
  type DevnetCosmosChain,
  type PacketTracker,
  sendCosmosTransfers,
  signState,
  startDevnet,
  type TrackedPacket,
  trackPackets,
} from '@interchain-attestation/devnet';
import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import { encodeFunctionData } from 'viem';
import { EXIT } from '../src/output/exit-codes.ts';
import { type CliResult, runCli } from './support/run-cli.ts';

const skip = skipWithout(await goProgram('ibc-go-chain'));

interface Check {
  readonly subject: string;
  readonly check: string;
  readonly outcome: string;
  readonly detail: string;
}

describe('attest on a running network with an ibc-go chain', () => {
  let net: Devnet;
  let tracker: PacketTracker;
  let gaia: DevnetCosmosChain;
  let packet: TrackedPacket;
  const attest = (...argv: readonly string[]): Promise<CliResult> => runCli(['--config', net.configFile, ...argv]);
  const attestWith = async (change: (text: string) => string, ...argv: readonly string[]): Promise<CliResult> => {
    const text = await readFile(net.configFile, 'utf8');
    const changed = change(text);
    assert.notEqual(changed, text);
    const file = join(dirname(net.configFile), `changed-${Math.random()}.yaml`);
    await writeFile(file, changed);
    return runCli(['--config', file, ...argv]);
  };
  const failures = (result: CliResult): readonly Check[] =>
    result.json<{ checks: readonly Check[] }>().checks.filter(({ outcome }) => outcome === 'failed');
  /** The client on gaia that tracks alpha. */
  const clientId = (): string => gaia.clientIds.alpha ?? '';

  before(async () => {
    if (skip !== false) return;
    net = await startDevnet({ cosmos: ['gaia'], attestorProcesses: 'chain', attestorsPerChain: 3, logLevel: 'warn' });
    tracker = trackPackets(net);
    assert.ok(net.cosmos.gaia);
    gaia = net.cosmos.gaia;
    const { txId } = await sendCosmosTransfers({
      ...{ chain: gaia, sender: net.users.alice, to: 'alpha', denom: gaia.denom, amount: 5n },
      receiver: net.users.bob.address,
    });
    const [done] = await tracker.until(await tracker.sentBy([txId]), ({ outcome }) => outcome !== undefined);
    assert.ok(done);
    packet = done;
  });
  after(async () => {
    tracker?.close();
    await net?.close();
  });

  test('config validate --live agrees with what runs, and finds another chain, set or quorum on Cosmos', {
    skip,
  }, async () => {
    const good = await attest('config', 'validate', '--live', '--json');
    assert.equal(good.code, EXIT.ok, good.stdout);
    const quorum = await attestWith(
      (text) => text.replaceAll('quorum: 2', 'quorum: 3'),
      ...['config', 'validate', '--live', '--json'],
    );
    assert.equal(quorum.code, EXIT.verdict);
    assert.ok(
      failures(quorum).some(({ subject }) => subject.includes(clientId())),
      quorum.stdout,
    );
    const chain = await attestWith(
      (text) => text.replace('chainId: gaia-1', 'chainId: gaia-2'),
      ...['config', 'validate', '--live', '--json'],
    );
    assert.notEqual(chain.code, EXIT.ok);
  });

  test('clients of both kinds are listed and shown', { skip }, async () => {
    const list = (await attest('client', 'list', '--json')).json<{
      clients: { id: string; on: string; of: string }[];
    }>();
    assert.deepEqual(
      new Set(list.clients.map(({ id, on, of }) => `${id} on ${on} of ${of}`)),
      new Set([
        'attest-beta on alpha of beta',
        'attest-alpha on beta of alpha',
        'attest-gaia-0 on alpha of gaia',
        `${clientId()} on gaia of alpha`,
      ]),
    );
    const shown = await attest('client', 'show', clientId(), '--on', 'gaia');
    assert.equal(shown.code, EXIT.ok);
    assert.match(shown.stdout, /active/);
    assert.match(shown.stdout, /attest-gaia-0/);
    assert.match(shown.stdout, /2 of 3/);
    assert.doesNotMatch(shown.stdout, /contract/);
  });

  test('a client on gaia is brought to the newest height', { skip }, async () => {
    const before = await gaia.chain.clients.clientState(clientId());
    let result = await attest('client', 'update', clientId(), '--on', 'gaia', '--json');
    // The relayer may just have brought the newest height: the next block of alpha makes a newer one.
    while (/proof-api\/up-to-date/.test(result.stdout)) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      result = await attest('client', 'update', clientId(), '--on', 'gaia', '--json');
    }
    assert.equal(result.code, EXIT.ok, result.stdout + result.stderr);
    assert.ok(BigInt(result.json<{ latestHeight: string }>().latestHeight) > before.latestHeight);
  });

  test('a packet is traced by its transactions on either kind of chain', { skip }, async () => {
    const { txHash } = packet.send;
    const cosmosForm = txHash.slice(2).toUpperCase();
    for (const hash of [txHash, cosmosForm, packet.receive?.txHash ?? '', packet.acknowledge?.txHash ?? '']) {
      const result = await attest('packet', 'trace', hash, '--json');
      assert.equal(result.code, EXIT.ok, `${hash}: ${result.stdout}${result.stderr}`);
      const { packets } = result.json<{ packets: { state: string; sequence: string }[] }>();
      assert.ok(
        packets.some(({ sequence, state }) => sequence === '1' && state === 'acknowledged'),
        result.stdout,
      );
    }
    const list = await attest('packet', 'list', '--chain', 'gaia');
    assert.match(list.stdout, /gaia/);
  });

  test('proof inspect explains relay transactions of both kinds, and asks the client on its chain', {
    skip,
  }, async () => {
    const received = await attest('proof', 'inspect', '--tx', packet.receive?.txHash ?? '', '--on', 'alpha', '--json');
    assert.equal(received.code, EXIT.ok, received.stdout);
    const acknowledged = await attest(
      'proof',
      'inspect',
      '--tx',
      packet.acknowledge?.txHash ?? '',
      '--on',
      'gaia',
      '--json',
    );
    assert.equal(acknowledged.code, EXIT.ok, acknowledged.stdout);
    const { proofs } = acknowledged.json<{
      proofs: { where: string; form: string; signatures: { name: string; known: boolean }[] }[];
    }>();
    assert.ok(proofs.every(({ form }) => form === 'protobuf'));
    assert.match(proofs.at(-1)?.where ?? '', /MsgAcknowledgement/);
    assert.ok(
      proofs.every(({ signatures }) => signatures.every(({ name, known }) => name.startsWith('alpha-') && known)),
    );
  });

  test('proofs for several clients in one transaction: each client is asked about its own', { skip }, async () => {
    const update = (of: 'beta' | 'gaia', clientId: string): `0x${string}` => {
      const keys = net.attestors.filter(({ chain }) => chain === of).map(({ key }) => key);
      const proof = bytesToHex(signState(keys.slice(0, 2), 1_000_000n, 4_000_000_000n));
      return encodeFunctionData({ abi: ics26RouterAbi, functionName: 'updateClient', args: [clientId, proof] });
    };
    const calls = [update('beta', 'attest-beta'), update('gaia', 'attest-gaia-0')];
    const data = encodeFunctionData({ abi: ics26RouterAbi, functionName: 'multicall', args: [calls] });
    interface Shown {
      readonly proofs: readonly {
        readonly clientId: string;
        readonly signatures: readonly { readonly name: string; readonly known?: boolean }[];
        readonly verdict?: { readonly accepted: boolean };
      }[];
    }
    const both = await attest('proof', 'inspect', data, '--on', 'alpha', '--json');
    assert.equal(both.code, EXIT.ok, both.stdout);
    for (const { signatures, verdict } of both.json<Shown>().proofs) {
      assert.equal(verdict?.accepted, true);
      assert.ok(signatures.every(({ known }) => known === true));
    }
    const one = await attest('proof', 'inspect', data, '--on', 'alpha', '--client', 'attest-gaia-0', '--json');
    assert.equal(one.code, EXIT.ok, one.stdout);
    assert.deepEqual(
      one.json<Shown>().proofs.map(({ clientId, verdict }) => [clientId, verdict?.accepted]),
      [
        ['attest-beta', undefined],
        ['attest-gaia-0', true],
      ],
    );
  });

  test('deploying again changes nothing; what is for EVM chains only says so', { skip }, async () => {
    const again = await attest('deploy', 'client', '--json');
    assert.equal(again.code, EXIT.ok, again.stdout + again.stderr);
    assert.doesNotMatch(again.stdout, /"outcome":"(done|planned)"/);
    const core = await attest('deploy', 'core', '--chain', 'gaia', '--json');
    assert.notEqual(core.code, EXIT.ok);
    assert.match(core.stdout, /cli\/not-applicable/);
  });

  test('a key file shows its address on both kinds of chain', { skip }, async () => {
    const file = join(net.directory, 'keys', 'relayer.json');
    const password = join(net.directory, 'keys', 'password');
    const shown = await attest('keys', 'show', file, '--unlock', '--password-file', password);
    assert.equal(shown.code, EXIT.ok, shown.stderr);
    assert.match(shown.stdout, new RegExp(net.layout.relayer.address));
    assert.match(shown.stdout, new RegExp(cosmosAddressOf(net.layout.relayer)));
  });

  test('a contradiction is shown to the client on gaia, first in words, then for good', { skip }, async () => {
    const { latestHeight } = await gaia.chain.clients.clientState(clientId());
    const [known = 0n] = await gaia.chain.clients.consensusTimestamps(clientId(), [latestHeight]);
    const keys = net.attestors.filter(({ chain }) => chain === 'alpha').map(({ key }) => key);
    const evidence = join(net.directory, 'contradiction.hex');
    await writeFile(evidence, bytesToHex(signState(keys.slice(0, 2), latestHeight, known + 1n)));
    const args = ['client', 'submit-misbehaviour', clientId(), '--on', 'gaia', '--evidence', evidence];
    const dry = await attest(...args, '--dry-run');
    assert.equal(dry.code, EXIT.ok, dry.stderr);
    assert.match(dry.stdout, /would freeze/);
    assert.equal((await gaia.chain.clients.clientState(clientId())).isFrozen, false);
    const real = await attest(...args);
    assert.equal(real.code, EXIT.ok, real.stdout + real.stderr);
    assert.equal((await gaia.chain.clients.clientState(clientId())).isFrozen, true);
    assert.match((await attest(...args)).stdout, /frozen already/);
  });
});
