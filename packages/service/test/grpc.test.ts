import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { AttestationError } from '@interchain-attestation/core';
import { attestor } from '@interchain-attestation/proto';
import {
  type CallContext,
  createGrpcClient,
  createLocalClient,
  createLogger,
  EncodedMessage,
  type FinishedCall,
  GrpcCode,
  type GrpcServer,
  implement,
  type RpcClient,
  RpcError,
  type ServiceImpl,
  startGrpcServer,
  statusTable,
} from '../src/index.ts';

const { AttestationService } = attestor;
type Impl = ServiceImpl<typeof AttestationService>;
type Client = RpcClient<typeof AttestationService>;

const secretUrl = 'https://user:pw@rpc.example.com:8545/v3/0123456789abcdef?key=topsecret';

/** Height chooses what happens, so that one service shows every outcome. */
class Service implements Impl {
  lastContext: CallContext | undefined;
  aborted: unknown;
  started: (() => void) | undefined;

  async stateAttestation({ height }: { height: bigint }, context: CallContext) {
    this.lastContext = context;
    if (height === 1n) throw new AttestationError('test/known', `no answer from ${secretUrl}`);
    if (height === 2n) throw new Error(`accident at ${secretUrl}`);
    if (height === 3n) throw new RpcError(GrpcCode.NotFound, 'nothing here');
    if (height === 4n) {
      const { signal } = context;
      const aborted = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          this.aborted = signal.reason;
          resolve();
        });
      });
      this.started?.();
      await aborted;
      throw new Error('whatever came of the interruption');
    }
    return { attestation: { height, timestamp: 7n, attestedData: Uint8Array.of(1, 2), signature: new Uint8Array(65) } };
  }

  /** LatestHeightResponse {height: 9}, made once. */
  readonly encoded = new EncodedMessage(Uint8Array.of(0x08, 9));

  async packetAttestation({ packets }: { packets: Uint8Array[] }) {
    for (const packet of packets) packet.fill(0xff);
    return { attestation: { height: BigInt(packets.length) } };
  }

  givesEncoded = false;

  async latestHeight() {
    return this.givesEncoded ? this.encoded : { height: 2n ** 64n - 1n };
  }
}

const toStatus = statusTable({ 'test/known': GrpcCode.Unavailable });

for (const transport of ['grpc', 'local'] as const) {
  describe(`${transport} transport`, () => {
    const service = new Service();
    const lines: string[] = [];
    const calls: FinishedCall[] = [];
    let server: GrpcServer | undefined;
    let client: Client;
    before(async () => {
      if (transport === 'local') {
        client = createLocalClient(AttestationService, service, { toStatus });
        return;
      }
      server = await startGrpcServer({
        address: '127.0.0.1:0',
        services: [implement(AttestationService, service)],
        toStatus,
        logger: createLogger({ name: 'test', destination: { write: (line) => lines.push(line) } }),
        onCall: (call) => calls.push(call),
        maxRequestBytes: 1_000_000,
      });
      client = createGrpcClient(AttestationService, { address: `127.0.0.1:${server.port}` });
    });
    after(async () => {
      client.close();
      await server?.close();
    });

    test('carries messages both ways, 64-bit numbers whole', async () => {
      const { attestation } = await client.stateAttestation({ height: 2n ** 63n + 1n });
      assert.equal(attestation?.height, 2n ** 63n + 1n);
      assert.equal(attestation?.timestamp, 7n);
      assert.deepEqual([...(attestation?.attestedData ?? [])], [1, 2]);
      assert.equal((await client.latestHeight({})).height, 2n ** 64n - 1n);
    });

    test('carries a response that is encoded already, as often as it is given', async () => {
      service.givesEncoded = true;
      for (let i = 0; i < 3; i++) assert.equal((await client.latestHeight({})).height, 9n);
      service.givesEncoded = false;
      assert.deepEqual([...service.encoded.bytes], [0x08, 9]);
    });

    test('a service cannot change what the caller holds', async () => {
      const packet = Uint8Array.of(1, 2, 3);
      await client.packetAttestation({ packets: [packet], height: 1n });
      assert.deepEqual([...packet], [1, 2, 3]);
    });

    test('peers.md #8: an outage is Unavailable with its code, and its text has lost path, key and password', async () => {
      await assert.rejects(client.stateAttestation({ height: 1n }), (error: RpcError) => {
        assert.equal(error.grpcCode, GrpcCode.Unavailable);
        assert.equal(error.code, 'rpc/unavailable');
        assert.equal(error.reason, 'test/known');
        assert.equal(error.retryable, true);
        assert.match(error.message, /https:\/\/rpc\.example\.com:8545$/);
        return true;
      });
    });

    test('peers.md #14: an accident is Internal and says nothing to the caller', async () => {
      await assert.rejects(client.stateAttestation({ height: 2n }), (error: RpcError) => {
        assert.equal(error.grpcCode, GrpcCode.Internal);
        assert.equal(error.message, 'internal error');
        return true;
      });
      if (transport === 'grpc') {
        const line = lines.find((text) => text.includes('call failed unexpectedly')) ?? '';
        assert.match(line, /accident at https:\/\/rpc\.example\.com:8545/);
        assert.doesNotMatch(line, /topsecret|0123456789abcdef|user:pw/);
      }
    });

    test('a service may choose the status itself', async () => {
      await assert.rejects(client.stateAttestation({ height: 3n }), { code: 'rpc/not-found', message: 'nothing here' });
    });

    test('the deadline of the caller reaches the service as a signal', async () => {
      service.aborted = undefined;
      service.lastContext = undefined;
      await assert.rejects(client.stateAttestation({ height: 4n }, { timeoutMs: 1_000 }), {
        code: 'rpc/deadline-exceeded',
      });
      const deadlineMs = (): number => service.lastContext?.deadlineMs ?? Number.POSITIVE_INFINITY;
      assert.ok(deadlineMs() <= Date.now() + 1_000);
    });

    test('a caller that hangs up aborts the signal of the service', async () => {
      service.aborted = undefined;
      const controller = new AbortController();
      const started = new Promise<void>((resolve) => {
        service.started = resolve;
      });
      const call = client.stateAttestation({ height: 4n }, { signal: controller.signal });
      await started;
      const aborted = once(service.lastContext?.signal ?? new AbortController().signal, 'abort');
      controller.abort();
      await assert.rejects(call, { code: 'rpc/cancelled' });
      await aborted;
      assert.equal((service.aborted as RpcError).code, 'rpc/cancelled');
    });

    test('a signal that is already aborted makes no call', async () => {
      service.lastContext = undefined;
      const signal = AbortSignal.abort();
      await assert.rejects(client.stateAttestation({ height: 9n }, { signal }), { code: 'rpc/cancelled' });
      assert.equal(service.lastContext, undefined);
    });

    if (transport === 'grpc') {
      test('a request over the limit is ResourceExhausted', async () => {
        await assert.rejects(client.packetAttestation({ packets: [new Uint8Array(1_100_000)] }), {
          code: 'rpc/resource-exhausted',
        });
      });

      test('every finished call is observed once', () => {
        assert.ok(calls.some(({ path, grpcCode }) => path.endsWith('/StateAttestation') && grpcCode === GrpcCode.Ok));
        assert.ok(calls.some(({ grpcCode }) => grpcCode === GrpcCode.NotFound));
      });
    }
  });
}

describe('connections', () => {
  test('a server that is down at start or restarts is found again without a new client', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    await new Promise((resolve) => holder.close(resolve));
    const client = createGrpcClient(AttestationService, { address: `127.0.0.1:${port}` });
    const start = () =>
      startGrpcServer({ address: `127.0.0.1:${port}`, services: [implement(AttestationService, new Service())] });
    const untilUp = async (): Promise<bigint> => {
      for (;;) {
        try {
          return (await client.latestHeight({}, { timeoutMs: 5_000 })).height;
        } catch (error) {
          assert.equal((error as RpcError).code, 'rpc/unavailable');
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    await assert.rejects(client.latestHeight({}), { code: 'rpc/unavailable' });
    const first = await start();
    assert.ok((await untilUp()) > 0n);
    await first.close();
    await assert.rejects(client.latestHeight({}), { code: 'rpc/unavailable' });
    const second = await start();
    assert.ok((await untilUp()) > 0n);
    client.close();
    await second.close();
  });

  test('peers.md #14: a taken port is an error, and nothing is left running', async () => {
    const services = [implement(AttestationService, new Service())];
    const first = await startGrpcServer({ address: '127.0.0.1:0', services });
    await assert.rejects(startGrpcServer({ address: `127.0.0.1:${first.port}`, services }), {
      code: 'rpc/unavailable',
      message: /is the port taken/,
    });
    await first.close();
  });

  test('closing lets a running call end, then cuts what outlasts the grace', async () => {
    const service = new Service();
    const server = await startGrpcServer({
      address: '127.0.0.1:0',
      services: [implement(AttestationService, service)],
    });
    const client = createGrpcClient(AttestationService, { address: `127.0.0.1:${server.port}` });
    const started = new Promise<void>((resolve) => {
      service.started = resolve;
    });
    const stuck = assert.rejects(client.stateAttestation({ height: 4n }));
    await started;
    await server.close(20);
    await stuck;
    client.close();
  });

  test('an address that is none is refused at once', () => {
    for (const address of ['', 'host', 'http://user@host:1', 'ftp://host:1', 'host:port']) {
      assert.throws(() => createGrpcClient(AttestationService, { address }), { code: 'rpc/invalid-argument' });
    }
  });
});
