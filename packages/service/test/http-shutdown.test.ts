import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, test } from 'node:test';
import {
  Counter,
  createRegistry,
  installShutdown,
  type Readiness,
  silentLogger,
  startHttpServer,
} from '../src/index.ts';

describe('operator port', () => {
  test('peers.md #14: healthz tells what is wrong, and does not hang with what it asks', async () => {
    const metrics = createRegistry({ labels: { service: 'test' } });
    const counter = new Counter({ name: 'things_total', help: 'Things.', registers: [metrics] });
    counter.inc();
    let ready: () => Promise<Readiness> = async () => ({ ok: true, checks: { chain: { ok: true } } });
    const server = await startHttpServer({
      address: '127.0.0.1:0',
      ready: () => ready(),
      metrics,
      readyTimeoutMs: 30,
      routes: {
        '/boom': () => {
          throw new Error('secret');
        },
        '/hello': (_, response) => {
          response.end('hi');
        },
      },
    });
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
      return { status: response.status, text: await response.text() };
    };
    assert.deepEqual(await get('/healthz'), { status: 200, text: '{"ok":true,"checks":{"chain":{"ok":true}}}' });
    ready = async () => ({ ok: false, checks: { chain: { ok: false, detail: 'https://u:p@h.example/key is down' } } });
    const down = await get('/healthz');
    assert.equal(down.status, 503);
    assert.match(down.text, /https:\/\/h\.example is down/);
    ready = () => new Promise(() => {});
    assert.equal((await get('/healthz')).status, 503);
    ready = async () => {
      throw new Error('secret');
    };
    const failed = await get('/healthz');
    assert.equal(failed.status, 503);
    assert.doesNotMatch(failed.text, /secret/);
    const text = (await get('/metrics')).text;
    assert.match(text, /things_total\{service="test"\} 1/);
    assert.match(text, /process_cpu_seconds_total/);
    assert.deepEqual(await get('/hello'), { status: 200, text: 'hi' });
    assert.deepEqual(await get('/boom'), { status: 500, text: '{"error":"internal error"}' });
    assert.equal((await get('/constructor')).status, 404);
    await assert.rejects(startHttpServer({ address: `127.0.0.1:${server.port}`, ready, metrics }), {
      code: 'rpc/unavailable',
    });
    await server.close();
    await assert.rejects(startHttpServer({ address: 'nonsense', ready, metrics }), { code: 'rpc/invalid-argument' });
  });
});

describe('shutdown', () => {
  const install = (handlers: { name: string; close(): Promise<void> | void }[], graceMs = 1_000) => {
    const signals = new EventEmitter();
    let resolveExit: (code: number) => void;
    const exited = new Promise<number>((resolve) => {
      resolveExit = resolve;
    });
    const shutdown = installShutdown(handlers, {
      logger: silentLogger,
      graceMs,
      signals,
      exit: (code) => resolveExit(code),
    });
    return { signals, exited, shutdown };
  };

  test('closes last first, once, and ends with 0', async () => {
    const order: string[] = [];
    const { signals, exited, shutdown } = install([
      { name: 'a', close: () => void order.push('a') },
      { name: 'b', close: async () => void order.push('b') },
    ]);
    signals.emit('SIGTERM', 'SIGTERM');
    assert.equal(await exited, 0);
    await shutdown.now();
    assert.deepEqual(order, ['b', 'a']);
    shutdown.dispose();
    assert.equal(signals.listenerCount('SIGINT'), 0);
  });

  test('a failing handler does not keep the others open, and the end is 1', async () => {
    const order: string[] = [];
    const { shutdown, exited } = install([
      { name: 'a', close: () => void order.push('a') },
      { name: 'b', close: () => Promise.reject(new Error('stuck')) },
    ]);
    await shutdown.now();
    assert.equal(await exited, 1);
    assert.deepEqual(order, ['a']);
  });

  test('a handler that hangs is not waited for beyond the grace; a second signal ends at once', async () => {
    const hung = { name: 'a', close: () => new Promise<void>(() => {}) };
    const bounded = install([hung], 20);
    bounded.signals.emit('SIGINT', 'SIGINT');
    assert.equal(await bounded.exited, 1);
    const impatient = install([hung], 60_000);
    impatient.signals.emit('SIGINT', 'SIGINT');
    impatient.signals.emit('SIGINT', 'SIGINT');
    assert.equal(await impatient.exited, 1);
    impatient.shutdown.dispose();
  });
});
