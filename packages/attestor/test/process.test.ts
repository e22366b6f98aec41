import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ChainError, createMemorySigner, systemClock } from '@interchain-attestation/chains';
import { openGuard } from '@interchain-attestation/guard';
import { attestor } from '@interchain-attestation/proto';
import { createGrpcClient, createLogger, silentLogger } from '@interchain-attestation/service';
import {
  type AttestorParts,
  attestorProcessSchema,
  type RunningAttestors,
  type StartAttestorDeps,
  startAttestor,
} from '../src/index.ts';
import { TEST_KEY } from './support/harness.ts';
import { ScriptedChain } from './support/scripted-chain.ts';

const signer = (byte: number) => createMemorySigner(new Uint8Array(32).fill(byte));

describe('attestors of one process', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'attestor-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const config = (names: readonly string[], createGuard = true, listen = '127.0.0.1:0') =>
    attestorProcessSchema.parse({
      health: '127.0.0.1:0',
      attestors: names.map((name) => ({
        name,
        listen,
        guardPath: join(directory, `${name}.db`),
        createGuard,
        maxFinalityAgeSec: 0,
        pollIntervalMs: 20,
        maxReadAgeMs: 300,
      })),
    });
  const start = (
    names: readonly string[],
    parts: Record<string, AttestorParts>,
    more: Partial<StartAttestorDeps> = {},
  ) => startAttestor(config(names), { parts, openGuard, clock: systemClock, logger: silentLogger, ...more });
  const clientOf = (running: RunningAttestors, name: string) =>
    createGrpcClient(attestor.AttestationService, { address: `127.0.0.1:${running.ports[name]}`, timeoutMs: 5_000 });
  const get = async (running: RunningAttestors, path: string) => {
    const response = await fetch(`http://127.0.0.1:${running.healthPort}${path}`);
    return { status: response.status, text: await response.text() };
  };

  test('two chains, two keys, two ports, one health port; metrics under the names operators know', async () => {
    const chains = { one: new ScriptedChain(20), two: new ScriptedChain(30) };
    const running = await start(['one', 'two'], {
      one: { chain: chains.one, signer: signer(1) },
      two: { chain: chains.two, signer: signer(2) },
    });
    const [one, two] = [clientOf(running, 'one'), clientOf(running, 'two')];
    assert.equal((await one.latestHeight({})).height, 19n);
    assert.equal((await two.latestHeight({})).height, 29n);
    assert.ok((await one.stateAttestation({ height: 9n })).attestation);
    await assert.rejects(one.stateAttestation({ height: 25n }), { code: 'rpc/failed-precondition' });
    await assert.rejects(one.packetAttestation({ height: 9n }), { code: 'rpc/invalid-argument' });
    assert.equal((await get(running, '/healthz')).status, 200);
    chains.one.failure = new ChainError('chain/unavailable', 'RPC at http://127.0.0.1:1: down', { retryable: true });
    await assert.rejects(one.stateAttestation({ height: 10n }), { code: 'rpc/unavailable' });
    while ((await get(running, '/healthz')).status !== 503) await new Promise((r) => setTimeout(r, 20));
    const health = JSON.parse((await get(running, '/healthz')).text) as { checks: Record<string, { ok: boolean }> };
    assert.equal(health.checks['one.chain']?.ok, false);
    assert.equal(health.checks['two.chain']?.ok, true);
    const { text } = await get(running, '/metrics');
    for (const line of [
      /attestor_rpc_requests_total\{attestor="one",method="StateAttestation",code="Ok"\} 1/,
      /attestor_rpc_requests_total\{attestor="one",method="StateAttestation",code="FailedPrecondition"\} 1/,
      /attestor_rpc_requests_total\{attestor="one",method="PacketAttestation",code="InvalidArgument"\} 1/,
      /attestor_rpc_request_duration_seconds_count\{attestor="one",method="StateAttestation"\} 3/,
      /attestor_attestation_height_lag_blocks\{attestor="one"\} 10/,
      /attestor_height_validation_rejections_total\{attestor="one"\} 1/,
      /attestor_adapter_finalized_height\{attestor="two"\} 29/,
      /attestor_adapter_retry_failures_total\{attestor="one",op="state"\} 1/,
      /attestor_signer_signs_total\{attestor="one",result="ok"\} 1/,
      /attestor_ready\{attestor="one"\} 0/,
      /attestor_ready\{attestor="two"\} 1/,
    ]) {
      assert.match(text, line);
    }
    one.close();
    two.close();
    await running.close();
  });

  test('a chain that is down at start is waited for: Unavailable until then, and the others serve', async () => {
    const chain = new ScriptedChain(20);
    chain.failure = new ChainError('chain/unavailable', 'down', { retryable: true });
    const running = await start(['late', 'early'], {
      late: { chain, signer: signer(3) },
      early: { chain: new ScriptedChain(25), signer: signer(4) },
    });
    const [late, early] = [clientOf(running, 'late'), clientOf(running, 'early')];
    await assert.rejects(late.latestHeight({}), { code: 'rpc/unavailable', reason: 'attestor/starting' });
    assert.equal((await early.latestHeight({})).height, 24n);
    assert.equal((await get(running, '/healthz')).status, 503);
    chain.failure = undefined;
    while ((await get(running, '/healthz')).status !== 200) await new Promise((r) => setTimeout(r, 20));
    assert.equal((await late.latestHeight({})).height, 19n);
    late.close();
    early.close();
    await running.close();
  });

  test('one key for two sources is refused', () =>
    assert.rejects(
      start(['x', 'y'], {
        x: { chain: new ScriptedChain(5), signer: signer(5) },
        y: { chain: new ScriptedChain(6), signer: signer(5) },
      }),
      { code: 'attestor/key-shared' },
    ));

  test('a signer that signs with another key than it names is refused', () => {
    const liar = { ...signer(6), address: signer(7).address };
    return assert.rejects(start(['liar'], { liar: { chain: new ScriptedChain(5), signer: liar } }), {
      code: 'attestor/wrong-signer',
    });
  });

  test('a missing guard is not made unless the configuration says so; nothing is left running', async () => {
    const parts = { none: { chain: new ScriptedChain(5), signer: signer(8) } };
    const deps = { parts, openGuard, clock: systemClock, logger: silentLogger };
    await assert.rejects(startAttestor(config(['none'], false), deps), { code: 'guard/missing' });
    // The same again: neither a port nor a lock was kept.
    await (await startAttestor(config(['none'], true), deps)).close();
  });

  test('peers.md #14: a taken port ends the start, and releases the guard', async () => {
    const parts = { port: { chain: new ScriptedChain(5), signer: signer(9) } };
    const deps = { parts, openGuard, clock: systemClock, logger: silentLogger };
    const running = await startAttestor(config(['port']), deps);
    const taken = `127.0.0.1:${running.ports.port}`;
    await running.close();
    const holder = await startAttestor(config(['holder'], true, taken), {
      ...deps,
      parts: { holder: { chain: new ScriptedChain(5), signer: signer(10) } },
    });
    await assert.rejects(startAttestor(config(['port'], true, taken), deps), { code: 'rpc/unavailable' });
    await holder.close();
    await (await startAttestor(config(['port'], false, taken), deps)).close();
  });

  test('a second process on the same guard refuses to start', async () => {
    const parts = { only: { chain: new ScriptedChain(60), signer: createMemorySigner(TEST_KEY) } };
    const running = await start(['only'], parts);
    await assert.rejects(start(['only'], parts), { code: 'guard/locked' });
    const options = { guardPath: join(directory, 'only.db'), fork: 'a', create: false, width: 1 };
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'support', 'crash-process.ts'), JSON.stringify(options)],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const stderr: Buffer[] = [];
    child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
    child.stdout.resume();
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 1);
    assert.match(Buffer.concat(stderr).toString(), /guard\/locked/);
    await running.close();
  });

  test('an outage is one line when it begins and one when it is over, not one a request', async () => {
    const lines: string[] = [];
    const logger = createLogger({ name: 'attestor', destination: { write: (line) => lines.push(line) } });
    const chain = new ScriptedChain(20);
    const running = await start(['noise'], { noise: { chain, signer: signer(11) } }, { logger });
    const client = clientOf(running, 'noise');
    await client.stateAttestation({ height: 3n });
    const url = 'https://user:pw@rpc.example/v3/key';
    chain.failure = new ChainError('chain/unavailable', `no answer from ${url}`, { retryable: true });
    for (let i = 4; i < 24; i++) await assert.rejects(client.stateAttestation({ height: BigInt(i) }));
    chain.failure = undefined;
    while (!lines.some((line) => line.includes('can be read again'))) await new Promise((r) => setTimeout(r, 10));
    assert.equal(lines.filter((line) => line.includes('cannot be read')).length, 1);
    assert.equal(lines.filter((line) => line.includes('can be read again')).length, 1);
    assert.doesNotMatch(lines.join(''), /user:pw|v3\/key/);
    client.close();
    await running.close();
  });

  test('a configuration is checked as a whole: every problem with its path', () => {
    const parsed = attestorProcessSchema.safeParse({
      attestors: [
        { name: 'a', listen: '127.0.0.1:1', guardPath: 'g' },
        { name: 'a', listen: 'nowhere', guardPath: 'h', maxPackets: 0, surprise: 1 },
      ],
    });
    assert.equal(parsed.success, false);
    const paths = parsed.error.issues.map(({ path }) => path.join('.'));
    assert.deepEqual(paths.sort(), ['attestors.1', 'attestors.1.listen', 'attestors.1.maxPackets', 'attestors.1.name']);
  });
});
