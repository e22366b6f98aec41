/**
 * A process that dies: `node crash-child.ts DIRECTORY ACTION POINT NTH`. It ends itself by SIGKILL at the nth time it
 * comes by POINT (or never, for `none`), and writes a line for each group that the guard said ok to.
 */
import fs from 'node:fs';
import path from 'node:path';
import { openGuardWithFaults } from '../../src/open-guard.ts';
import { clearGuardWithFaults } from '../../src/operator/clear.ts';
import { exportGuardWithFaults } from '../../src/operator/export.ts';
import { importGuardWithFaults } from '../../src/operator/import.ts';
import { KEY, SOURCE, state } from './fixture.ts';
import { recordGroups } from './groups.ts';

const [directory = '', action = '', point = '', nth = '1'] = process.argv.slice(2);
let left = Number(nth);

const fault = (at: string): void => {
  if (at === point && --left === 0) process.kill(process.pid, 'SIGKILL');
};

const file = path.join(directory, 'guard.db');

const record = async (): Promise<void> => {
  const guard = await openGuardWithFaults({ path: file, key: KEY, source: SOURCE, create: true }, fault);
  await recordGroups(guard, point === 'random' ? 1_000_000 : 5, (n) => fs.writeSync(1, `ok ${n}\n`));
  if (point === 'record:conflict') await guard.record(state(1, 1));
  await guard.close();
};

const actions: Readonly<Record<string, () => unknown>> = {
  record,
  clear: () => clearGuardWithFaults(file, { reason: 'test', putAsideThrough: 2n }, fault),
  export: () => exportGuardWithFaults(file, path.join(directory, 'export'), { reason: 'test' }, fault),
  import: () =>
    importGuardWithFaults(
      path.join(directory, 'export'),
      path.join(directory, 'imported.db'),
      { key: KEY, source: SOURCE, reason: 'test' },
      fault,
    ),
};

await actions[action]?.();
