import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { goProgram } from '@interchain-attestation/go-tools';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

const start = (args: readonly string[]): { child: ChildProcess; stdout: string[]; stderr: string[] } => {
  const child = spawn(process.execPath, [MAIN, 'demo', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout: string[] = [];
  const stderr: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(String(chunk)));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(String(chunk)));
  return { child, stdout, stderr };
};

/** Does anything still answer at a URL that the demo printed? */
const answers = async (url: string): Promise<boolean> => {
  try {
    await fetch(url, { method: 'POST', body: '{}', signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false;
  }
};

const urlsIn = (text: string): readonly string[] => text.match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];

interface Packet {
  readonly direction: string;
  readonly sequence: string;
  readonly outcome: string;
  readonly sendTx: string;
  readonly recvTx?: string;
  readonly ackTx?: string;
  readonly timeoutTx?: string;
  readonly latencyMs: number;
}

const cosmos = 'path' in (await goProgram('ibc-go-chain'));

test('the tour ends with exit 0 and one JSON object that tells of every packet', async () => {
  const { child, stdout, stderr } = start(['--once', '--json']);
  const [code] = (await once(child, 'exit')) as [number];
  const story = stderr.join('');
  assert.equal(code, 0, story);
  const lines = stdout.join('').trim().split('\n');
  assert.equal(lines.length, 1);
  const result = JSON.parse(lines[0] ?? '') as {
    ok: boolean;
    packets: Packet[];
    gas: Record<string, unknown>;
    durationMs: number;
  };
  assert.equal(result.ok, true);
  const { packets } = result;
  const count = (outcome: string): number => packets.filter((packet) => packet.outcome === outcome).length;
  assert.ok(packets.length >= (cosmos ? 64 : 56), `${packets.length} packets`);
  assert.ok(count('timed-out') >= (cosmos ? 3 : 1) && count('refused') === (cosmos ? 3 : 1));
  for (const direction of cosmos ? ['alpha -> gaia', 'gaia -> alpha'] : []) {
    const outcomes = packets.filter((packet) => packet.direction === direction).map(({ outcome }) => outcome);
    assert.deepEqual(new Set(outcomes), new Set(['delivered', 'refused', 'timed-out']), direction);
  }
  assert.equal(/is left out/.test(story), !cosmos);
  assert.equal(count('delivered') + count('timed-out') + count('refused'), packets.length);
  for (const packet of packets) {
    assert.match(packet.sendTx, /^0x[0-9a-f]{64}$/);
    assert.match((packet.outcome === 'timed-out' ? packet.timeoutTx : packet.ackTx) ?? '', /^0x[0-9a-f]{64}$/);
    assert.ok(packet.latencyMs > 0);
  }
  assert.ok(packets.some(({ direction }) => direction === 'beta -> alpha'));
  assert.equal(story.match(/is frozen, for good/g)?.length, cosmos ? 2 : 1);
  assert.equal((await Promise.all(urlsIn(story).map(answers))).includes(true), false, 'a chain still answers');
});

test('--cosmos without the Go tool chain says what is missing', async () => {
  const child = spawn(process.execPath, [MAIN, 'demo', '--once', '--cosmos'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, INTERCHAIN_ATTESTATION_GO: 'none' },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += String(chunk);
  });
  const [code] = (await once(child, 'exit')) as [number];
  assert.notEqual(code, 0);
  assert.match(said, /--cosmos: .*Go/);
});

test('Ctrl-C while it starts ends everything, with exit code 130', async () => {
  const { child, stdout } = start(['--no-cosmos']);
  while (!stdout.join('').includes('chain beta') && child.stdout !== null) await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 130);
  const urls = urlsIn(stdout.join(''));
  assert.equal(urls.length, 2);
  assert.equal((await Promise.all(urls.map(answers))).includes(true), false, 'a chain still answers');
});
