import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Client, credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { attestor } from '@interchain-attestation/proto';
import { service as healthDefinition } from 'grpc-health-check';
import { encodeFrame } from '../src/grpc/frame.ts';
import { type GrpcServer, implement, startGrpcServer } from '../src/index.ts';

const { AttestationService } = attestor;
const LATEST = '/ibc_attestor.AttestationService/LatestHeight';
const STATE = '/ibc_attestor.AttestationService/StateAttestation';

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

let server: GrpcServer;
let calls = 0;
before(async () => {
  server = await startGrpcServer({
    address: '127.0.0.1:0',
    maxRequestBytes: 1_000,
    maxBufferedBytes: 1_500,
    services: [
      implement(AttestationService, {
        stateAttestation: async () => {
          throw Object.assign(new Error('x'), { code: 'test/é' });
        },
        packetAttestation: async () => ({}),
        latestHeight: async () => {
          calls++;
          return { height: 5n };
        },
      }),
    ],
  });
});
after(() => server.close());

/** Sends one raw HTTP/2 request. */
const send = async (headers: OutgoingHttpHeaders, pieces: readonly Uint8Array[]): Promise<Answer> => {
  const session = connect(`http://127.0.0.1:${server.port}`);
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': LATEST,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let trailers: IncomingHttpHeaders = {};
    stream.on('trailers', (received) => {
      trailers = received;
    });
    const response = once(stream, 'response');
    for (const piece of pieces) stream.write(piece);
    stream.end();
    const [received] = (await response) as [IncomingHttpHeaders];
    const body: Buffer[] = [];
    for await (const piece of stream) body.push(piece as Buffer);
    return { headers: received, trailers, body: Buffer.concat(body) };
  } finally {
    session.close();
  }
};

describe('requests that are not as they should be', () => {
  test('a message may arrive in any pieces', async () => {
    const frame = encodeFrame(Uint8Array.of());
    const { trailers, body } = await send(
      {},
      [...frame].map((byte) => Uint8Array.of(byte)),
    );
    assert.equal(trailers['grpc-status'], '0');
    assert.deepEqual([...body], [0, 0, 0, 0, 2, 8, 5]);
  });

  const table: readonly [string, OutgoingHttpHeaders, readonly Uint8Array[], string][] = [
    ['an unknown method is Unimplemented', { ':path': '/ibc_attestor.AttestationService/Nothing' }, [], '12'],
    ['an unknown service is Unimplemented', { ':path': '/x' }, [encodeFrame(Uint8Array.of())], '12'],
    ['no message at all is InvalidArgument', {}, [], '3'],
    ['half a message is InvalidArgument', {}, [Uint8Array.of(0, 0, 0, 0, 9, 1)], '3'],
    ['two messages are InvalidArgument', {}, [encodeFrame(Uint8Array.of()), encodeFrame(Uint8Array.of())], '3'],
    ['malformed protobuf is InvalidArgument', {}, [encodeFrame(Uint8Array.of(0x0a, 0xff, 0xff))], '3'],
    ['a compressed message is Unimplemented', {}, [Uint8Array.of(1, 0, 0, 0, 0)], '12'],
    ['a message over the limit is ResourceExhausted at once', {}, [Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff)], '8'],
  ];
  for (const [title, headers, pieces, status] of table) {
    test(title, async () => {
      const before = calls;
      const answer = await send(headers, pieces);
      assert.equal(answer.headers[':status'], 200);
      assert.equal(answer.headers['grpc-status'], status);
      assert.equal(calls, before);
    });
  }

  test('a request that is not gRPC gets an HTTP status', async () => {
    assert.equal((await send({ 'content-type': 'application/json' }, [])).headers[':status'], 415);
    assert.equal((await send({ ':method': 'PUT' }, [])).headers[':status'], 405);
  });

  test('a peer that speaks no HTTP/2 loses its connection, and the server goes on', async () => {
    for (const text of [
      'GET / HTTP/1.1\r\nhost: x\r\n\r\n',
      '\0\0\0garbage\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff',
    ]) {
      const socket = connectTcp(server.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.end(Buffer.from(text, 'latin1'));
      socket.resume();
      await once(socket, 'close');
    }
    assert.equal((await send({}, [encodeFrame(Uint8Array.of())])).trailers['grpc-status'], '0');
  });

  test('unfinished requests share one limit, and free it when they end', async () => {
    const session = connect(`http://127.0.0.1:${server.port}`);
    const open = () => {
      const stream = session.request({ ':method': 'POST', ':path': LATEST, 'content-type': 'application/grpc' });
      stream.on('error', () => {});
      stream.write(Buffer.concat([Uint8Array.of(0, 0, 0, 3, 0xe8), new Uint8Array(900)]));
      return stream;
    };
    const first = open();
    await once(first, 'ready').catch(() => {});
    const second = open();
    const [headers] = (await once(second, 'response')) as [IncomingHttpHeaders];
    assert.equal(headers['grpc-status'], '8');
    first.close();
    await once(first, 'close');
    second.close();
    const third = open();
    third.end(new Uint8Array(100));
    const [ok] = (await once(third, 'response')) as [IncomingHttpHeaders];
    assert.notEqual(ok['grpc-status'], '8');
    session.destroy();
  });

  test('a request that does not arrive is cut off', async () => {
    const slow = await startGrpcServer({
      address: '127.0.0.1:0',
      requestTimeoutMs: 40,
      services: [
        implement(AttestationService, {
          stateAttestation: async () => ({}),
          packetAttestation: async () => ({}),
          latestHeight: async () => ({}),
        }),
      ],
    });
    const session = connect(`http://127.0.0.1:${slow.port}`);
    const stream = session.request({ ':method': 'POST', ':path': LATEST, 'content-type': 'application/grpc' });
    stream.on('error', () => {});
    stream.write(Uint8Array.of(0, 0));
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    assert.equal(headers['grpc-status'], '4');
    session.destroy();
    await slow.close();
  });

  test('an accident says nothing, and a status is sent once', async () => {
    const { headers } = await send({ ':path': STATE }, [encodeFrame(Uint8Array.of())]);
    assert.equal(headers['grpc-status'], '13');
    assert.equal(headers['grpc-message'], 'internal error');
  });

  test('a deadline of zero has passed', async () => {
    const { headers } = await send({ 'grpc-timeout': '0m' }, []);
    assert.ok(headers['grpc-status'] === '4' || headers['grpc-status'] === '3');
  });
});

describe('health and reflection', () => {
  test('peers.md #14: health is served for the server and each service, and can be set', async () => {
    const definition = healthDefinition as unknown as Parameters<typeof loadPackageDefinition>[0][string];
    const { Health } = loadPackageDefinition({ Health: definition }) as unknown as { Health: ServiceClientConstructor };
    const client = new Health(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const check = (service: string): Promise<string> =>
      new Promise((resolve, reject) => {
        client.check?.({ service }, (error: Error | null, answer: { status: string }) =>
          error === null ? resolve(answer.status) : reject(error),
        );
      });
    assert.equal(await check(''), 'SERVING');
    assert.equal(await check('ibc_attestor.AttestationService'), 'SERVING');
    await assert.rejects(check('nothing'), { code: 5 });
    const watch = client.watch?.({ service: '' }) as NodeJS.ReadableStream & { cancel(): void };
    const first = (await once(watch, 'data')) as [{ status: string }];
    assert.equal(first[0].status, 'SERVING');
    const changed = once(watch, 'data') as Promise<[{ status: string }]>;
    server.setServingStatus('NOT_SERVING');
    assert.equal((await changed)[0].status, 'NOT_SERVING');
    assert.equal(await check('ibc_attestor.AttestationService'), 'NOT_SERVING');
    server.setServingStatus('SERVING');
    watch.on('error', () => {});
    watch.cancel();
    client.close();
  });

  for (const version of ['v1', 'v1alpha']) {
    test(`reflection ${version} lists the services and hands out their files`, async () => {
      const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
      const stream = client.makeBidiStreamRequest<Buffer, Buffer>(
        `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
        (data) => data,
        (data) => data,
      );
      const ask = async (field: number, text: string): Promise<string> => {
        const answer = once(stream, 'data') as Promise<[Buffer]>;
        stream.write(Buffer.from([(field << 3) | 2, text.length, ...Buffer.from(text)]));
        return (await answer)[0].toString('latin1');
      };
      assert.match(await ask(7, ''), /ibc_attestor\.AttestationService/);
      assert.match(await ask(4, 'ibc_attestor.AttestationService'), /ibc_attestor\/ibc_attestor\.proto/);
      assert.match(await ask(3, 'nothing.proto'), /not found/i);
      const ended = once(stream, 'status') as Promise<[{ code: number }]>;
      stream.end();
      assert.equal((await ended)[0].code, 0);
      client.close();
    });
  }
});
