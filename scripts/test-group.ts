// Runs the test files that it is given in this one process, and tells the parent how each test ended.
import { resolve } from 'node:path';
import { run } from 'node:test';
import { describeFailure, type GroupOutcome } from './run-tests.ts';

const tell = (outcome: GroupOutcome): void => void process.send?.(outcome);

const files = process.argv.slice(2).map((file) => resolve(file));
for await (const { type, data } of run({ files, isolation: 'none' })) {
  if (type === 'test:pass') {
    if (data.details.type === 'suite') continue;
    const { file = '', name } = data;
    const reason = data.skip ?? data.todo;
    if (reason === undefined) tell({ file, name, outcome: 'passed' });
    else tell({ file, name, outcome: 'skipped', detail: typeof reason === 'string' ? reason : undefined });
  } else if (type === 'test:fail') {
    const { error } = data.details;
    if ('failureType' in error && error.failureType === 'subtestsFailed') continue;
    tell({ file: data.file ?? '', name: data.name, outcome: 'failed', detail: describeFailure(error) });
  }
}
process.disconnect?.();
process.exit(0);
