import { GoToolsError } from './errors.ts';
import { type GoProgram, goProgram } from './go-program.ts';
import type { GoProgramName } from './programs.ts';

/** The part of node:test's context that is needed here. */
interface Skippable {
  skip(message?: string): void;
}

const isCi = (env: NodeJS.ProcessEnv): boolean => env.CI !== undefined && env.CI !== '' && env.CI !== 'false';

/**
 * The `skip` option of a test that needs this program: false, or the reason. Give it to each test and not to their
 * suite, so that every test that did not run is listed.
 * @throws GoToolsError `go-tools/required-in-ci`: where CI is set, a comparison that did not run is a failure
 *
 * @example
 * const oracle = await goProgram('ibc-go-oracle');
 * test('agrees with ibc-go', { skip: skipWithout(oracle) }, async () => { … });
 */
export const skipWithout = (program: GoProgram, env: NodeJS.ProcessEnv = process.env): string | false => {
  if (!('missing' in program)) return false;
  if (isCi(env)) {
    throw new GoToolsError('go-tools/required-in-ci', `CI must not skip what needs Go: ${program.missing}`);
  }
  return program.missing;
};

/**
 * For use inside of a test: the program's path, or undefined after the test was marked as skipped.
 * @throws GoToolsError as {@link skipWithout} and {@link goProgram}
 */
export const goProgramOrSkip = async (context: Skippable, name: GoProgramName): Promise<string | undefined> => {
  const program = await goProgram(name);
  const reason = skipWithout(program);
  if (reason !== false) context.skip(reason);
  return 'path' in program ? program.path : undefined;
};
