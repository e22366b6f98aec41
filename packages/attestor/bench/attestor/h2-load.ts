import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/*
 * Load on a gRPC server that costs as little as possible, since it shares the machine's two cores with what it
 * measures: requests are HTTP/2 frames made ahead, answers are only counted. Correctness of answers is checked by the
 * bench through an ordinary client.
 */

/** Figures of one run. */
export interface LoadResult {
  readonly requestsPerSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly durationMs: number;
}

const FRAME = { data: 0, headers: 1, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 } as const;
const END_STREAM = 1;
const END_HEADERS = 4;
const MAX_FRAME = 16_384;
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

const frame = (type: number, flags: number, payload: Uint8Array): Buffer => {
  const out = Buffer.alloc(9 + payload.length);
  out.writeUIntBE(payload.length, 0, 3);
  out[3] = type;
  out[4] = flags;
  out.set(payload, 9);
  return out;
};

const uint32 = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
};

const text = (value: string): Buffer => Buffer.from([value.length, ...Buffer.from(value)]);

/** Header block of a gRPC request without any use of the dynamic table. Source: RFC 7541. */
const headerBlock = (path: string): Buffer =>
  Buffer.concat([
    Buffer.from([0x83, 0x86, 0x04]), // :method POST, :scheme http, :path ...
    text(path),
    Buffer.from([0x01]), // :authority
    text('bench'),
    Buffer.from([0x0f, 0x10]), // content-type
    text('application/grpc'),
    Buffer.from([0x00]),
    text('te'),
    text('trailers'),
  ]);

/** A request as frames; stream ids are filled in when it is sent. */
export const encodeRequest = (path: string, message: Uint8Array): { frames: Buffer; at: readonly number[] } => {
  const body = Buffer.alloc(5 + message.length);
  body.writeUInt32BE(message.length, 1);
  body.set(message, 5);
  const parts = [frame(FRAME.headers, END_HEADERS, headerBlock(path))];
  for (let at = 0; at < body.length; at += MAX_FRAME) {
    const piece = body.subarray(at, at + MAX_FRAME);
    parts.push(frame(FRAME.data, at + MAX_FRAME >= body.length ? END_STREAM : 0, piece));
  }
  const at: number[] = [];
  let offset = 0;
  for (const part of parts) {
    at.push(offset + 5);
    offset += part.length;
  }
  return { frames: Buffer.concat(parts), at };
};

export type EncodedRequest = ReturnType<typeof encodeRequest>;

/** Calls back with each frame; keeps what is incomplete. */
const frameParser = (onFrame: (type: number, flags: number, streamId: number, payload: Buffer) => void) => {
  let pending: Buffer = Buffer.alloc(0);
  return (piece: Buffer): void => {
    pending = pending.length === 0 ? piece : Buffer.concat([pending, piece]);
    let at = 0;
    while (pending.length - at >= 9) {
      const length = pending.readUIntBE(at, 3);
      if (pending.length - at < 9 + length) break;
      onFrame(
        pending[at + 3] ?? 0,
        pending[at + 4] ?? 0,
        pending.readUInt32BE(at + 5) & 0x7fffffff,
        pending.subarray(at + 9, at + 9 + length),
      );
      at += 9 + length;
    }
    pending = pending.subarray(at);
  };
};

/**
 * Sends all requests, `inFlight` at a time, over one connection.
 * @throws Error when an answer is not a success
 */
export const runLoad = async (
  port: number,
  requests: readonly EncodedRequest[],
  inFlight: number,
): Promise<LoadResult> => {
  const socket: Socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const startedAt = new Map<number, number>();
  const withData = new Set<number>();
  const latencies: number[] = [];
  let next = 0;
  let streamId = 1;
  let window = 65_535;
  let settled = false;

  return new Promise<LoadResult>((resolve, reject) => {
    const begin = performance.now();
    const fail = (message: string): void => {
      settled = true;
      socket.destroy();
      reject(new Error(message));
    };
    const fill = (): void => {
      if (settled) return;
      socket.cork();
      while (startedAt.size < inFlight && next < requests.length) {
        const request = requests[next];
        if (request === undefined || request.frames.length > window) break;
        const { frames } = request;
        for (const at of request.at) frames.writeUInt32BE(streamId, at);
        startedAt.set(streamId, performance.now());
        window -= frames.length;
        socket.write(frames);
        next++;
        streamId += 2;
      }
      socket.uncork();
    };
    const finish = (id: number): void => {
      if (!withData.delete(id)) {
        fail(`call ${(id - 1) / 2} failed`);
        return;
      }
      latencies.push(performance.now() - (startedAt.get(id) ?? 0));
      startedAt.delete(id);
      if (latencies.length < requests.length) return;
      settled = true;
      const durationMs = performance.now() - begin;
      socket.end();
      latencies.sort((a, b) => a - b);
      resolve({
        requestsPerSec: (requests.length / durationMs) * 1_000,
        p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
        p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
        durationMs,
      });
    };
    const parse = frameParser((type, flags, id, payload) => {
      if (type === FRAME.data) withData.add(id);
      else if (type === FRAME.windowUpdate && id === 0) window += payload.readUInt32BE(0);
      else if (type === FRAME.settings && (flags & 1) === 0) socket.write(frame(FRAME.settings, 1, Buffer.alloc(0)));
      else if (type === FRAME.ping && (flags & 1) === 0) socket.write(frame(FRAME.ping, 1, payload));
      else if (type === FRAME.goaway) fail('the server ends the connection');
      if ((type === FRAME.data || type === FRAME.headers) && (flags & END_STREAM) !== 0) finish(id);
    });
    socket.on('data', (piece) => {
      parse(piece);
      fill();
    });
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => {
      if (!settled) fail('the connection broke');
    });
    const settings = Buffer.concat([Buffer.from([0, 4]), uint32(0x7fffffff)]);
    socket.write(
      Buffer.concat([
        PREFACE,
        frame(FRAME.settings, 0, settings),
        frame(FRAME.windowUpdate, 0, uint32(0x7fffffff - 65_535)),
      ]),
    );
    fill();
  });
};
