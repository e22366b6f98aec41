import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesToHex } from '@interchain-attestation/core';
import {
  type Devnet,
  type PacketTracker,
  readClient,
  sendTransfers,
  signState,
  startDevnet,
  type TrackedPacket,
  trackPackets,
} from '@interchain-attestation/devnet';
import { EXIT } from '../src/output/exit-codes.ts';
import { type CliResult, runCli } from './support/run-cli.ts';

const JSON_BODY = { 'content-type': 'application/json' } as const;

interface Check {
  readonly subject: string;
  readonly check: string;
  readonly outcome: string;
  readonly detail: string;
}

describe('attest on a running network', () => {
  let net: Devnet;
  let tracker: PacketTracker;
  let packet: TrackedPacket;
  const attest = (...argv: readonly string[]): Promise<CliResult> => runCli(['--config', net.configFile, ...argv]);
  /** A changed configuration file beside the real one. */
  const changedFile = async (change: (text: string) => string): Promise<string> => {
    const text = await readFile(net.configFile, 'utf8');
    const changed = change(text);
    assert.notEqual(changed, text);
    const file = join(dirname(net.configFile), `changed-${Math.random()}.yaml`);
    await writeFile(file, changed);
    return file;
  };
  /** The same network through a changed configuration file. */
  const attestWith = async (change: (text: string) => string, ...argv: readonly string[]): Promise<CliResult> =>
    runCli(['--config', await changedFile(change), ...argv]);
  const failures = (result: CliResult): readonly Check[] =>
    result.json<{ checks: readonly Check[] }>().checks.filter(({ outcome }) => outcome === 'failed');

  before(async () => {
    net = await startDevnet({ attestorProcesses: 'chain', attestorsPerChain: 3 });
    tracker = trackPackets(net);
    const { alpha } = net.chains;
    const hashes = await sendTransfers({
      chain: alpha,
      sender: net.users.alice,
      token: alpha.token,
      amount: 1n,
      receiver: net.users.bob.address,
      count: 2,
    });
    const [done] = await tracker.until(await tracker.sentBy(hashes), ({ outcome }) => outcome !== undefined);
    assert.ok(done);
    packet = done;
  });
  after(async () => {
    tracker?.close();
    await net?.close();
  });

  test('config validate --live agrees with what runs', async () => {
    const result = await attest('config', 'validate', '--live', '--json');
    assert.equal(result.code, EXIT.ok, result.stdout);
    assert.equal(failures(result).length, 0);
  });

  test('peers.md #13: a set or quorum in the file that the client on chain does not have is found', async () => {
    const result = await attestWith(
      (text) => text.replaceAll('quorum: 2', 'quorum: 3'),
      'config',
      'validate',
      '--live',
      '--json',
    );
    assert.equal(result.code, EXIT.verdict);
    assert.deepEqual(
      failures(result).map(({ check, detail }) => [check, detail]),
      [
        ['set and quorum', 'quorum is 2, the file says 3'],
        ['set and quorum', 'quorum is 2, the file says 3'],
      ],
    );
  });

  test('an attestor that signs with another key than the file says is found', async () => {
    const [a, b] = net.attestors.map(({ key }) => key.address) as [string, string];
    const swap = (text: string): string => text.replace(a, 'X').replace(b, a).replace('X', b);
    const result = await attestWith(swap, 'config', 'validate', '--live', '--json');
    assert.equal(result.code, EXIT.verdict);
    assert.deepEqual(
      failures(result).map(({ subject }) => subject),
      ['attestor alpha-1', 'attestor alpha-2'],
    );
    assert.match(failures(result)[0]?.detail ?? '', /it signs as/);
  });

  test('another chain behind the URL, a router without code, and the implementation behind the proxy are found', async () => {
    const { alpha, beta } = net.chains;
    const validate = ['config', 'validate', '--live', '--json'] as const;
    const swapped = await attestWith((text) => text.replace(alpha.node.rpcUrl, beta.node.rpcUrl), ...validate);
    assert.ok(
      failures(swapped).some(({ subject, detail }) => subject === 'chain alpha' && /chain\/wrong-chain/.test(detail)),
    );

    const withRouter = (router: string) => (text: string) =>
      text.replace(`chainId: ${alpha.chainId}`, `chainId: ${alpha.chainId}\n    router: "${router}"`);
    const nothing = await attestWith(withRouter(net.users.bob.address), ...validate);
    assert.ok(
      failures(nothing).some(({ check, detail }) => check === 'router' && /chain\/not-a-router/.test(detail)),
      nothing.stdout,
    );

    const manifest = JSON.parse(await readFile(join(net.directory, 'data/deployments/alpha.json'), 'utf8'));
    const implementation = await attestWith(
      withRouter(manifest.contracts.ics26RouterImplementation.address),
      ...validate,
    );
    assert.ok(
      failures(implementation).some(({ check, detail }) => check === 'router' && /chain\/not-a-router/.test(detail)),
      implementation.stdout,
    );
  });

  test('peers.md #6: further RPC endpoints are looked at one by one, and attested through only when enough agree', async () => {
    const { alpha, beta } = net.chains;
    // Another origin, as far as anybody can tell.
    const elsewhere = (url: string): string => url.replace('127.0.0.1', 'localhost');
    const second = elsewhere(alpha.node.rpcUrl);
    const more =
      (...urls: readonly string[]) =>
      (text: string): string =>
        text.replace(
          `chainId: ${alpha.chainId}`,
          `chainId: ${alpha.chainId}\n    moreRpcUrls: ${JSON.stringify(urls)}`,
        );
    const validate = ['config', 'validate', '--live', '--json'] as const;
    const honest = await attestWith(more(second), ...validate);
    assert.equal(honest.code, EXIT.ok, honest.stdout);
    const { checks } = honest.json<{ checks: readonly Check[] }>();
    const agreement = checks.find(({ check }) => check === 'agreement');
    assert.match(agreement?.detail ?? '', /^2 of 2 RPC endpoints must agree, and do on block \d+$/);
    assert.ok(checks.some(({ subject, check }) => subject === `chain alpha at ${second}` && check === 'finality'));

    const foreign = failures(await attestWith(more(beta.node.rpcUrl), ...validate));
    assert.ok(foreign.some(({ check, detail }) => check === 'agreement' && /chain\/wrong-chain/.test(detail)));

    // Another chain behind two of three endpoints: the attestor does not start on the word of the third.
    const text = (config: string): string =>
      more(
        beta.node.rpcUrl,
        second,
      )(config)
        .replaceAll(/url: 127.0.0.1:\d+, health: 127.0.0.1:\d+/g, 'url: 127.0.0.1:0')
        .replace(alpha.node.rpcUrl, elsewhere(beta.node.rpcUrl));
    const refused = await attestWith(text, 'run', '--only', 'attestor', '--attestor', 'alpha-1');
    assert.notEqual(refused.code, EXIT.ok);
    assert.match(refused.stderr, /chain\/wrong-chain/);
  });

  test('peers.md #6: an endpoint that differs from the others is counted under its name', async () => {
    const { rpcUrl } = net.chains.alpha.node;
    // Says that every block was made a second later.
    const later = async (request: IncomingMessage): Promise<string> => {
      const answer = await fetch(rpcUrl, { method: 'POST', headers: JSON_BODY, body: await text(request) });
      return (await answer.text()).replaceAll(
        /"timestamp":"(0x[0-9a-f]+)"/g,
        (_, time: string) => `"timestamp":"0x${(BigInt(time) + 1n).toString(16)}"`,
      );
    };
    const liar = createServer((request, response) => {
      later(request).then(
        (lie) => response.writeHead(200, JSON_BODY).end(lie),
        () => response.destroy(),
      );
    });
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
    const stop = new AbortController();
    const started = Promise.withResolvers<string>();
    const change = (config: string): string =>
      config
        .replace(
          `chainId: ${net.chains.alpha.chainId}`,
          (line) => `${line}\n    moreRpcUrls: ${JSON.stringify([origin, rpcUrl.replace('127.0.0.1', 'localhost')])}`,
        )
        .replace('signer: alpha-1 }', 'signer: alpha-1, guard: lied-to/guard.db }')
        .replaceAll(/url: 127.0.0.1:\d+, health: 127.0.0.1:\d+/g, 'url: 127.0.0.1:0, health: 127.0.0.1:0');
    const running = runCli(
      ['--config', await changedFile(change), 'run', '--only', 'attestor', '--attestor', 'alpha-1', '--create-guards'],
      { signal: stop.signal, onStdout: started.resolve },
    );
    try {
      const ready = await Promise.race([started.promise, running.then(({ stderr }) => assert.fail(stderr))]);
      const { addresses } = JSON.parse(ready) as { addresses: readonly { name: string; address: string }[] };
      const health = addresses.find(({ name }) => name.endsWith('health'))?.address;
      const counted = `attestor_rpc_dissents_total{chain="alpha",origin="${origin}"} 1`;
      while (!(await (await fetch(`http://${health}/metrics`)).text()).includes(counted)) await sleep(50);
      assert.equal((await fetch(`http://${health}/healthz`)).status, 200);
    } finally {
      stop.abort();
      await running;
      liar.closeAllConnections();
      liar.close();
    }
  });

  test('an RPC that answers HTML is an outage, without its path in the message', async () => {
    const server = createServer((_, response) => response.end('<html><title>Bad gateway</title></html>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3/secretkey`;
    try {
      const change = (text: string): string => text.replace(net.chains.alpha.node.rpcUrl, url);
      const show = await attestWith(change, 'client', 'show', 'attest-beta');
      assert.equal(show.code, EXIT.unavailable, show.stderr);
      const deploy = await attestWith(change, 'deploy', 'core', '--chain', 'alpha');
      assert.equal(deploy.code, EXIT.unavailable, deploy.stderr);
      assert.doesNotMatch(show.stderr + deploy.stderr, /secretkey/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('clients are listed, shown and updated; an unknown one is not found', async () => {
    const list = (await attest('client', 'list', '--json')).json<{ clients: { id: string; isFrozen: boolean }[] }>();
    assert.deepEqual(
      list.clients.map(({ id, isFrozen }) => [id, isFrozen]),
      [
        ['attest-beta', false],
        ['attest-alpha', false],
      ],
    );
    const { beta } = net.chains;
    const before = (await readClient(beta, beta.lightClient)).latestHeight;
    const update = await attest('client', 'update', 'attest-alpha', '--json');
    assert.equal(update.code, EXIT.ok, update.stderr);
    assert.ok((await readClient(beta, beta.lightClient)).latestHeight > before);
    assert.match((await attest('client', 'show', 'attest-alpha')).stdout, /quorum +2 of 3/);
    assert.equal((await attest('client', 'show', 'nobody-here', '--on', 'beta')).code, EXIT.notFound);
  });

  test('packets are traced, listed and taken up; unknown ones are not found', async () => {
    const trace = await attest('packet', 'trace', packet.send.txHash, '--json');
    assert.equal(trace.code, EXIT.ok, trace.stderr);
    const [traced] = trace.json<{ packets: { state: string; recvTx: string; source: string }[] }>().packets;
    assert.deepEqual(
      [traced?.state, traced?.recvTx, traced?.source],
      ['acknowledged', packet.receive?.txHash, 'alpha'],
    );
    const list = await attest('packet', 'list', '--state', 'acknowledged', '--json');
    assert.equal(list.json<{ packets: unknown[] }>().packets.length, 2);
    assert.equal((await attest('packet', 'relay', packet.send.txHash, '--chain', 'alpha')).code, EXIT.ok);
    assert.equal((await attest('packet', 'trace', `0x${'11'.repeat(32)}`)).code, EXIT.notFound);
    assert.equal((await attest('packet', 'relay', `0x${'11'.repeat(32)}`, '--chain', 'alpha')).code, EXIT.notFound);
  });

  test('proof inspect explains a relay transaction: who signed, what, and that the client takes it', async () => {
    const result = await attest('proof', 'inspect', '--tx', packet.receive?.txHash ?? '', '--on', 'beta', '--json');
    assert.equal(result.code, EXIT.ok, result.stdout);
    interface Proof {
      readonly where: string;
      readonly attests: string;
      readonly signatures: readonly { readonly name: string; readonly known: boolean }[];
      readonly verdict: { readonly accepted: boolean };
    }
    const { proofs } = result.json<{ proofs: readonly Proof[] }>();
    assert.deepEqual(
      proofs.map(({ attests }) => attests),
      ['state', 'packets', 'covered'],
    );
    assert.ok(proofs.every(({ verdict }) => verdict.accepted));
    assert.ok(
      proofs[1]?.signatures.length === 2 &&
        proofs[1].signatures.every(({ name, known }) => name.startsWith('alpha-') && known),
    );
  });

  test('proof inspect says why a client would reject, with the name of the error on chain', async () => {
    const keys = net.attestors.filter(({ chain }) => chain === 'beta').map(({ key }) => key);
    const foreign = bytesToHex(signState(keys.slice(0, 2), 5n, 1_700_000_000n));
    const result = await attest('proof', 'inspect', foreign, '--client', 'attest-alpha', '--json');
    assert.equal(result.code, EXIT.verdict);
    const [proof] = result.json<{ proofs: { verdict: { errorName: string; code: string } }[] }>().proofs;
    assert.deepEqual([proof?.verdict.errorName, proof?.verdict.code], ['UnknownSigner', 'unknown-signer']);
    const few = bytesToHex(
      signState(
        net.attestors.slice(0, 1).map(({ key }) => key),
        5n,
        1n,
      ),
    );
    assert.match((await attest('proof', 'inspect', few, '--client', 'attest-alpha')).stdout, /ThresholdNotMet/);
    for (const broken of [`${foreign}00`, foreign.slice(0, -64), `0x${'ff'.repeat(64)}`]) {
      const answer = await attest('proof', 'inspect', broken, '--client', 'attest-alpha');
      assert.equal(answer.code, EXIT.verdict, answer.stdout);
    }
  });

  test('guard status reads a guard in use; clear and export refuse it; a second process cannot start', async () => {
    const status = await attest('guard', 'status', 'alpha-1', '--json');
    assert.equal(status.code, EXIT.ok);
    const [guard] = status.json<{ guards: { state: string; blocks: number; key: string }[] }>().guards;
    assert.equal(guard?.state, 'ready');
    assert.ok((guard?.blocks ?? 0) > 0);
    const clear = await attest('guard', 'clear', 'alpha-1', '--reason', 'test');
    assert.equal(clear.code, EXIT.conflict, clear.stderr);
    const exported = await attest(
      'guard',
      'export',
      'alpha-1',
      '--to',
      join(net.directory, 'x.guard'),
      '--reason',
      'test',
    );
    assert.equal(exported.code, EXIT.conflict, exported.stderr);
    const text = (config: string): string =>
      config.replaceAll(/url: 127.0.0.1:\d+, health: 127.0.0.1:\d+/g, 'url: 127.0.0.1:0');
    const second = await attestWith(text, 'run', '--only', 'attestor', '--attestor', 'alpha-1');
    assert.equal(second.code, EXIT.conflict, second.stderr);
    assert.match(second.stderr, /guard\/locked/);
  });

  test('an attestor without a guard file does not start by itself', async () => {
    await mkdir(join(net.directory, 'empty'), { recursive: true });
    const text = (config: string): string =>
      config
        .replace('signer: alpha-1 }', `signer: alpha-1, guard: empty/guard.db }`)
        .replaceAll(/url: 127.0.0.1:\d+, health: 127.0.0.1:\d+/g, 'url: 127.0.0.1:0');
    const result = await attestWith(text, 'run', '--only', 'attestor', '--attestor', 'alpha-1');
    assert.equal(result.code, EXIT.notFound, result.stderr);
    assert.match(result.stderr, /guard\/missing[\s\S]*--create-guards/);
  });

  test('a key file of another key than the file says does not start', async () => {
    const text = (config: string): string =>
      config
        .replace('signer: alpha-1 }', 'signer: alpha-2 }')
        .replaceAll(/url: 127.0.0.1:\d+, health: 127.0.0.1:\d+/g, 'url: 127.0.0.1:0');
    const result = await attestWith(text, 'run', '--only', 'attestor', '--attestor', 'alpha-1');
    assert.equal(result.code, EXIT.config, result.stderr);
    assert.match(result.stderr, /config\/address-mismatch/);
  });

  test('deploy finds everything done, warns of the admin key, and lists what differs', async () => {
    const core = await attest('deploy', 'transfer', '--json');
    assert.equal(core.code, EXIT.ok, core.stderr);
    assert.match(core.stderr, /deploy handover/);
    const { chains } = core.json<{ chains: { steps: { outcome: string }[] }[] }>();
    assert.deepEqual([...new Set(chains.flatMap(({ steps }) => steps.map(({ outcome }) => outcome)))], ['exists']);
    assert.equal((await attest('deploy', 'client')).code, EXIT.ok);
    const other = await attestWith((text) => text.replaceAll('quorum: 2', 'quorum: 3'), 'deploy', 'client');
    assert.equal(other.code, EXIT.conflict);
    assert.match(other.stderr, /client\.quorum: wanted 3, chain has 2/);
  });

  test('submit-misbehaviour refuses what freezes nothing, and freezes on a contradiction', async () => {
    const { beta } = net.chains;
    const client = await readClient(beta, beta.lightClient);
    const keys = net.attestors
      .filter(({ chain }) => chain === 'alpha')
      .slice(0, 2)
      .map(({ key }) => key);
    const file = join(net.directory, 'evidence.hex');
    const submit = (...more: string[]): Promise<CliResult> =>
      attest('client', 'submit-misbehaviour', 'attest-alpha', '--evidence', file, ...more);

    await writeFile(file, bytesToHex(signState(keys, client.latestHeight, client.timestampSec)));
    const honest = await submit();
    assert.equal(honest.code, EXIT.verdict);
    assert.match(honest.stderr, /contradicts nothing/);
    await writeFile(file, bytesToHex(signState(keys.slice(0, 1), client.latestHeight, client.timestampSec + 1n)));
    assert.match((await submit()).stderr, /rejects the evidence/);
    await writeFile(file, 'no evidence');
    assert.equal((await submit()).code, EXIT.usage);

    await writeFile(file, bytesToHex(signState(keys, client.latestHeight, client.timestampSec + 1n)));
    assert.match((await submit('--dry-run')).stdout, /would freeze/);
    assert.equal((await readClient(beta, beta.lightClient)).isFrozen, false);
    const result = await submit('--json');
    assert.equal(result.code, EXIT.ok, result.stderr);
    assert.equal((await readClient(beta, beta.lightClient)).isFrozen, true);
    assert.match((await submit()).stdout, /frozen already/);
    assert.match((await attest('client', 'show', 'attest-alpha')).stdout, /frozen/);
  });

  test('without a relayer the packet commands say that nobody answers', async () => {
    await net.relayer?.process.kill();
    const result = await attest('packet', 'list');
    assert.equal(result.code, EXIT.unavailable, result.stderr);
    assert.equal(result.stderr.trim().split('\n').length, 1);
  });
});
