import { GuardError } from './errors.ts';
import { parseOwner } from './parse-owner.ts';
import { SigningGuard } from './signing-guard.ts';
import { createDatabase } from './store/create.ts';
import { toGuardError } from './store/errors.ts';
import { type FaultHook, noFaults } from './store/faults.ts';
import { guardFiles } from './store/files.ts';
import { holdGuard } from './store/hold.ts';
import type { Guard, OpenGuardOptions } from './types.ts';

/** {@link openGuard} with places where a test ends the process. */
export const openGuardWithFaults = async (options: OpenGuardOptions, fault: FaultHook): Promise<Guard> => {
  try {
    const owner = parseOwner(options.key, options.source);
    const files = guardFiles(options.path);
    const nowMs = (options.now ?? Date.now)();
    const create = () =>
      createDatabase(files, { ...owner, nowMs, action: 'create', reason: 'first start with this key' }, fault);
    const held = holdGuard({ files, ...owner, fault, create: options.create ? create : undefined });
    try {
      return new SigningGuard(held, options, fault);
    } catch (error) {
      held.close();
      throw error;
    }
  } catch (cause) {
    throw cause instanceof GuardError ? cause : toGuardError(cause, options.path);
  }
};

/**
 * Opens the guard of one signing key and one source for this process, or makes it where `create` says so. Every doubt
 * about the file is an error: a guard that may have forgotten something must not let anything be signed.
 *
 * @throws GuardError `guard/missing`, `guard/locked`, `guard/damaged`, `guard/not-a-guard`,
 * `guard/unsupported-version`, `guard/copied`, `guard/moved`, `guard/wrong-key`, `guard/wrong-source`,
 * `guard/invalid-input`, `guard/storage-failed`
 */
export const openGuard = (options: OpenGuardOptions): Promise<Guard> => openGuardWithFaults(options, noFaults);
