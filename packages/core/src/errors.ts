/** A value that a log line or a JSON error can carry without loss of meaning. */
export type MetaValue = string | number | boolean | bigint | null;

/** What an error may say besides its message. */
export interface ErrorOptions {
  /** Flat, loggable facts: what, got, expected, limit. Never secrets. */
  readonly meta?: Readonly<Record<string, MetaValue>>;
  /** True when the same call may succeed later without any change by the caller. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * Base of every error that this project throws on purpose. Match errors by `code`, never by text.
 * Codes read `module/what`, for example `abi/truncated`.
 */
export class AttestationError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly meta: Readonly<Record<string, MetaValue>>;
  readonly retryable: boolean;

  constructor(code: Code, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.meta = options.meta ?? {};
    this.retryable = options.retryable ?? false;
  }
}

/** Codes of the errors thrown by this package. */
export type CoreErrorCode =
  | 'abi/truncated'
  | 'abi/offset-out-of-range'
  | 'abi/length-out-of-range'
  | 'abi/dirty-bits'
  | 'abi/invalid-utf8'
  | 'abi/non-canonical'
  | 'bytes/invalid-hex'
  | 'bytes/invalid-length'
  | 'number/out-of-range'
  | 'address/invalid'
  | 'address/checksum'
  | 'address/zero'
  | 'attestor-set/empty'
  | 'attestor-set/duplicate'
  | 'attestor-set/quorum-out-of-range'
  | 'path/invalid'
  | 'packet/invalid'
  | 'ics20/invalid'
  | 'ics20/non-canonical'
  | 'ics20/unknown-encoding'
  | 'signature/invalid-key'
  | 'signature/invalid-digest';

/** Error of the pure wire code: the input is broken. */
export class CoreError extends AttestationError<CoreErrorCode> {}

/** True when `error` is an {@link AttestationError}, optionally one with the given code. */
export const isAttestationError = (error: unknown, code?: string): error is AttestationError =>
  error instanceof AttestationError && (code === undefined || error.code === code);
