/** Codes of the errors of this package. A tool chain that is not there is no error: it is `{ missing }`. */
export type GoToolsErrorCode =
  | 'go-tools/build-failed'
  | 'go-tools/no-port'
  | 'go-tools/oracle-failed'
  | 'go-tools/required-in-ci'
  | 'go-tools/run-failed';

/** A program of ours does not build, or does not do what it must. */
export class GoToolsError extends Error {
  readonly code: GoToolsErrorCode;

  constructor(code: GoToolsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GoToolsError';
    this.code = code;
  }
}
