import { pino } from 'pino';
import { redactText } from './redact.ts';
import { sanitize } from './sanitize.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/**
 * Writes one line: fields first, then a sentence without variables in it. House fields: `chainId`, `clientId`,
 * `sequence`, `height`, `durationMs`, `code`, `err`.
 */
export interface LogFn {
  (fields: object, message: string): void;
  (message: string): void;
}

/** Where services write what they do. Passed in; there is no global one. */
export interface Logger {
  readonly trace: LogFn;
  readonly debug: LogFn;
  readonly info: LogFn;
  readonly warn: LogFn;
  readonly error: LogFn;
  readonly fatal: LogFn;
  /** A logger that adds these fields to each line. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
  isLevelEnabled(level: string): boolean;
}

export interface LoggerOptions {
  /** Which service writes, for example `attestor`. */
  readonly name: string;
  /** Lowest level written. Default `info`. */
  readonly level?: LogLevel;
  /** Takes whole lines; standard output when absent. */
  readonly destination?: { write(line: string): unknown };
}

const wrap = (inner: pino.Logger): Logger => {
  const at =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'): LogFn =>
    (fields: object | string, message?: string): void => {
      if (!inner.isLevelEnabled(level)) return;
      if (typeof fields === 'string') inner[level](redactText(fields));
      else inner[level](toFields(fields), redactText(message ?? ''));
    };
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: (fields) => wrap(inner.child(toFields(fields) as Record<string, unknown>)),
    isLevelEnabled: (level) => inner.isLevelEnabled(level),
  };
};

const toFields = (fields: object): object =>
  (fields instanceof Error ? { err: sanitize(fields) } : sanitize(fields)) as object;

/**
 * A logger of JSON lines: `level` as a word, `time` in ISO 8601, `service`, the fields, `msg`. Everything passes
 * through {@link sanitize}, so that no caller has to remember what is secret.
 */
export const createLogger = ({ name, level = 'info', destination }: LoggerOptions): Logger => {
  const options: pino.LoggerOptions = {
    level,
    base: { service: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: (value: unknown) => value },
  };
  return wrap(destination === undefined ? pino(options) : pino(options, destination as pino.DestinationStream));
};

/** A logger that writes nothing: for tests and for libraries used without one. */
export const silentLogger: Logger = wrap(pino({ level: 'silent' }));
