/** Exit codes of `attest`. They are documented in the README and never change their meaning. */
export const EXIT = {
  ok: 0,
  /** Something failed that none of the others names. */
  failure: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The configuration file is wrong. */
  config: 3,
  /** A chain or a service does not answer: try again later. */
  unavailable: 4,
  /** What is there contradicts what was asked: deploy conflicts, guard conflicts, another chain behind a URL. */
  conflict: 5,
  /** The question was answered, with no: a proof that the client would reject, a live check that failed. */
  verdict: 6,
  /** What was asked for does not exist: a transaction, a packet, a client. */
  notFound: 7,
  /** A key file or its password is wrong. */
  key: 8,
  /** Stopped by SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_CODE: readonly (readonly [RegExp, ExitCode])[] = [
  [/^cli\/(?:usage|not-applicable)$/, EXIT.usage],
  [/^config\//, EXIT.config],
  [/^cli\/interrupted$/, EXIT.interrupted],
  [/^keystore\/|^cli\/(?:password|mnemonic)-missing$/, EXIT.key],
  [/\/(?:unavailable|timeout|deadline-exceeded)$/, EXIT.unavailable],
  [/\/(?:client-not-found|tx-not-found|not-found|missing|not-deployed)$/, EXIT.notFound],
  [/^guard\/(?:storage-failed|closed)$/, EXIT.failure],
  [/\/(?:conflict|wrong-chain|locked)$|^guard\//, EXIT.conflict],
  [/\/verdict$/, EXIT.verdict],
];

/** Exit code for an error code. */
export const exitCodeOf = (code: string): ExitCode =>
  BY_CODE.find(([pattern]) => pattern.test(code))?.[1] ?? EXIT.failure;
