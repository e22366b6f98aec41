import { AttestationError } from '@interchain-attestation/core';
import type { ConfigIssue } from './issue.ts';

/** The configuration file cannot be used. Carries every problem found, in the order of the file. */
export class ConfigError extends AttestationError<'config/invalid'> {
  readonly file: string;
  readonly issues: readonly ConfigIssue[];

  constructor(file: string, issues: readonly ConfigIssue[]) {
    const noun = issues.length === 1 ? 'problem' : 'problems';
    super('config/invalid', `${file}: ${issues.length} ${noun}`, { meta: { file, problems: issues.length } });
    this.file = file;
    this.issues = issues;
  }
}
