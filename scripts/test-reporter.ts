// A reporter of node:test that tells the parent process how each test ended.
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';
import type { TestMessage } from './run-tests.ts';

/** The useful part of a test failure: node:test wraps what was thrown. */
const describeFailure = (error: unknown): string => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause, { depth: 5 });
};

const tell = (message: TestMessage): Promise<void> =>
  new Promise((done) => {
    process.send?.(message, () => done());
  });

// biome-ignore lint/style/noDefaultExport: node:test takes a reporter so
// biome-ignore lint/correctness/useYield: the parent prints, not this process
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<never, void> {
  for await (const { type, data } of events) {
    if (type === 'test:dequeue') {
      await tell({ type: 'began', name: data.name });
    } else if (type === 'test:diagnostic') {
      // What a test caused after it had ended: the process ends with code 1, and no test of it has failed.
      if (data.message.startsWith('Error:')) process.stderr.write(`${data.message}\n`);
    } else if (type === 'test:pass' || type === 'test:fail') {
      await tell({ type: 'over', name: data.name });
      const error = type === 'test:fail' ? data.details.error : undefined;
      const isOfChildren = error !== undefined && 'failureType' in error && error.failureType === 'subtestsFailed';
      if (isOfChildren || (error === undefined && data.details.type === 'suite')) continue;
      const { file = '', name, skip, todo } = data;
      const reason = skip ?? todo;
      if (reason !== undefined) {
        const detail = typeof reason === 'string' ? reason : undefined;
        await tell({ type: 'outcome', file, name, outcome: 'skipped', detail });
      } else if (error !== undefined) {
        await tell({ type: 'outcome', file, name, outcome: 'failed', detail: describeFailure(error) });
      } else {
        await tell({ type: 'outcome', file, name, outcome: 'passed' });
      }
    }
  }
  await tell({ type: 'ended' });
}
