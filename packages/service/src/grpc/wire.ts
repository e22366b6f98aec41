import type { OutgoingHttpHeaders } from 'node:http2';
import { ERROR_CODE_TRAILER, type GrpcStatus } from './status.ts';

const TIMEOUT = /^(\d{1,8})([HMSmun])$/;
const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };
/** Longest wait that a timer of Node takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Reads `grpc-timeout` (`100m`) as milliseconds; undefined when there is none or it is malformed. */
export const parseTimeoutMs = (header: string | string[] | undefined): number | undefined => {
  const match = typeof header === 'string' ? TIMEOUT.exec(header) : null;
  if (match === null) return undefined;
  return Math.min(Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 0), MAX_TIMER_MS);
};

/** Headers before the first message of a response. */
export const RESPONSE_HEADERS: OutgoingHttpHeaders = {
  ':status': 200,
  'content-type': 'application/grpc',
};

/** Trailers of a call that went well. */
export const OK_TRAILERS: OutgoingHttpHeaders = { 'grpc-status': '0' };

/** Percent-encodes all but printable ASCII. Source: grpc/doc/PROTOCOL-HTTP2.md, Status-Message. */
const encodeMessage = (message: string): string =>
  message.replace(/[^\x20-\x24\x26-\x7e]+/gu, (text) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );

/** Longest status message sent: trailers must fit into what clients take as headers (8 KiB is the usual limit). */
const MAX_MESSAGE_CHARS = 2_000;

/** Trailers that carry a status. */
export const statusTrailers = ({ code, message, reason }: GrpcStatus): OutgoingHttpHeaders => ({
  'grpc-status': String(code),
  'grpc-message': encodeMessage(message.slice(0, MAX_MESSAGE_CHARS)),
  ...(reason === undefined ? {} : { [ERROR_CODE_TRAILER]: reason }),
});
