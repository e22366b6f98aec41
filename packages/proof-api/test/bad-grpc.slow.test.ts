import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { createProofApi, parseProofApiConfig } from '../src/index.ts';
import { withHarness } from './support/expect.ts';
import { type Harness, packet, query } from './support/harness.ts';

const sendOne = ({ a }: Harness) => {
  const tx = a.send([packet(1n)]);
  a.mine();
  return tx;
};

describe('attestors that do not speak gRPC as they should', () => {
  const start = withHarness({ n: 3, m: 3 });
  const closing: (() => void)[] = [];
  after(() => {
    for (const close of closing) close();
  });

  const HEADERS = { ':status': 200, 'content-type': 'application/grpc+proto' };
  const frame = (bytes: Uint8Array, flag = 0, length = bytes.length): Buffer => {
    const head = Buffer.alloc(5);
    head[0] = flag;
    head.writeUInt32BE(length >>> 0, 1);
    return Buffer.concat([head, bytes]);
  };
  const endlessly = (stream: ServerHttp2Stream, piece: Buffer): void => {
    const write = (): void => {
      while (!stream.destroyed && stream.write(piece));
    };
    stream.on('drain', write);
    stream.on('error', () => {});
    write();
  };
  const evils: Readonly<Record<string, (stream: ServerHttp2Stream, session: ServerHttp2Session) => void>> = {
    'headers and nothing': (stream) => stream.respond(HEADERS),
    'half a frame': (stream) => {
      stream.respond(HEADERS);
      stream.write(frame(new Uint8Array(3), 0, 1_000));
    },
    'half a frame, then the end': (stream) => {
      stream.respond(HEADERS);
      stream.end(frame(new Uint8Array(3), 0, 1_000));
    },
    'a frame of 4 GiB': (stream) => {
      stream.respond(HEADERS);
      stream.write(frame(new Uint8Array(3), 0, 0xffff_ffff));
    },
    'bytes without end': (stream) => {
      stream.respond(HEADERS);
      endlessly(stream, Buffer.alloc(16_384, 255));
    },
    'messages without end': (stream) => {
      stream.respond(HEADERS);
      endlessly(stream, Buffer.concat(Array.from({ length: 500 }, () => frame(new Uint8Array(8)))));
    },
    'a compressed message': (stream) => {
      stream.respond({ ...HEADERS, 'grpc-encoding': 'gzip' });
      stream.end(frame(new Uint8Array(8), 1));
    },
    'success without a message': (stream) => stream.respond({ ...HEADERS, 'grpc-status': '0' }, { endStream: true }),
    'no status at all': (stream) => {
      stream.respond(HEADERS);
      stream.end();
    },
    'a status that is none': (stream) => stream.respond({ ...HEADERS, 'grpc-status': 'x9' }, { endStream: true }),
    HTML: (stream) => {
      stream.respond({ ':status': 502, 'content-type': 'text/html' });
      stream.end('<html>');
    },
    'a reset': (stream) => stream.close(2),
    'a closed session': (_, session) => session.destroy(),
  };

  for (const [what, evil] of Object.entries(evils)) {
    test(`${what}: dropped and named, and the others make the proof`, async () => {
      const harness = await start();
      const server: Http2Server = createServer();
      server.on('stream', (stream) => {
        stream.on('error', () => {});
        const { session } = stream;
        if (session !== undefined) evil(stream, session as ServerHttp2Session);
      });
      server.on('sessionError', () => {});
      const sessions = new Set<ServerHttp2Session>();
      server.on('session', (session) => sessions.add(session));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      closing.push(() => {
        for (const session of sessions) session.destroy();
        server.close();
      });
      const { port } = server.address() as AddressInfo;
      const outcomes: string[] = [];
      const evilFirst = [{ name: 'evil', address: `127.0.0.1:${port}` }, ...harness.attestors].map(
        ({ name, address }) => ({ name, address }),
      );
      const settled = Promise.withResolvers<void>();
      const own = createProofApi(
        {
          chains: [harness.portsA, harness.portsB],
          onEvent: (event) => {
            if (event.type !== 'answer' || event.report.attestor !== 'evil') return;
            outcomes.push(event.report.outcome);
            settled.resolve();
          },
        },
        parseProofApiConfig({
          listenAddress: '127.0.0.1:0',
          sources: [{ chain: 'a', attestors: evilFirst }],
          routes: [{ source: 'a', dest: 'b' }],
          attestorTimeoutMs: 1_500,
        }),
      );
      try {
        const { messages } = await own.relay('a', 'b', query({ sourceTxIds: [sendOne(harness)] }));
        assert.equal(messages.length, 1);
        await settled.promise;
        assert.ok(!outcomes.includes('good'), String(outcomes));
      } finally {
        await own.close();
      }
    });
  }
});
