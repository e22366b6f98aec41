import { bytesToHex, isAttestationError } from '@interchain-attestation/core';
import { isSecretKey, REDACTED, redactText } from './redact.ts';

const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_CAUSES = 8;

/** An error as a log line carries it: its code and facts, and the chain of causes once. */
export interface LoggedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly meta?: Record<string, unknown>;
  readonly stack?: string;
  readonly causes?: readonly LoggedError[];
}

const describe = (error: Error, withStack: boolean): LoggedError => {
  const code: unknown = (error as { code?: unknown }).code;
  return {
    name: error.name,
    message: redactText(error.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(isAttestationError(error) && Object.keys(error.meta).length > 0
      ? { meta: sanitize(error.meta) as Record<string, unknown> }
      : {}),
    ...(withStack && error.stack !== undefined ? { stack: redactText(error.stack) } : {}),
  };
};

/**
 * Flattens an error and its causes. Errors that we throw on purpose say where they come from through their code; only
 * accidents keep their stack.
 */
export const serializeError = (error: Error): LoggedError => {
  const causes: LoggedError[] = [];
  const seen = new Set<unknown>([error]);
  let cause: unknown = error.cause;
  while (cause !== undefined && cause !== null && !seen.has(cause) && causes.length < MAX_CAUSES) {
    seen.add(cause);
    causes.push(
      cause instanceof Error ? describe(cause, false) : { name: typeof cause, message: redactText(String(cause)) },
    );
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return { ...describe(error, !isAttestationError(error)), ...(causes.length > 0 ? { causes } : {}) };
};

/**
 * A value as JSON can carry it without loss and without secrets: bigint as decimal string, bytes as 0x hex, URLs as
 * origins, fields with secret names as `[redacted]`, nothing deeper than six levels, at most 50 items of a list.
 */
export const sanitize = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (value instanceof Error) return serializeError(value);
  if (value instanceof URL) return redactText(value.href);
  if (value instanceof Date) return value;
  if (value instanceof Uint8Array) return bytesToHex(value.subarray(0, 256));
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Map) return sanitize(Object.fromEntries(value), depth);
  if (Array.isArray(value) || value instanceof Set) {
    const items = [...value];
    const shown = items.slice(0, MAX_ITEMS).map((item) => sanitize(item, depth + 1));
    return items.length > MAX_ITEMS ? [...shown, `... ${items.length - MAX_ITEMS} more`] : shown;
  }
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) out[key] = isSecretKey(key) ? REDACTED : sanitize(item, depth + 1);
  return out;
};
