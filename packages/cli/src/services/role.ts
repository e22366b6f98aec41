import type { Logger } from '@interchain-attestation/service';
import type { AttestConfig } from '../config/types.ts';
import type { CommandContext } from '../context.ts';
import type { Keyring } from '../keys.ts';

/** What a role needs to start. */
export interface RoleDeps {
  readonly context: CommandContext;
  readonly config: AttestConfig;
  readonly keyring: Keyring;
  readonly logger: Logger;
  /** Ends the process with an error: a role found that it must not run. */
  readonly onFatal: (error: unknown) => void;
}

/** A role that runs. */
export interface RunningRole {
  readonly role: 'attestor' | 'proof-api' | 'relayer';
  /** Where it listens, by what listens there: `grpc`, `health`, or the name of an attestor. */
  readonly addresses: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** `host:port` with the port that was bound, which differs from the configured one when that is 0. */
export const boundAddress = (configured: string, port: number | undefined): string =>
  port === undefined ? configured : configured.replace(/:\d+$/, `:${port}`);
