import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  clearGuard,
  exportGuard,
  type Guard,
  type GuardLimits,
  type GuardVerdict,
  importGuard,
  openGuard,
} from '@interchain-attestation/guard';
import type { Step } from './arbitraries.ts';
import { KEY, SOURCE } from './fixture.ts';

// Thousands of commits: in memory where the system has a place for that, since no power is cut here.
const SCRATCH: string = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();

/** Puts a real guard through steps; what each statement got is reported in order. */
export const drive = async (
  steps: readonly Step[],
  limits: GuardLimits,
  onStep: (step: Step, verdicts: readonly GuardVerdict[]) => void,
): Promise<void> => {
  const directory = fs.mkdtempSync(path.join(SCRATCH, 'guard-model-'));
  let number = 0;
  let file = path.join(directory, 'guard-0.db');
  const open = (create: boolean): Promise<Guard> =>
    openGuard({ path: file, key: KEY, source: SOURCE, create, ...limits });
  let guard = await open(true);
  try {
    for (const step of steps) {
      if (step.do === 'record') {
        onStep(step, await Promise.all(step.statements.map((one) => guard.record(one))));
        continue;
      }
      const { floorHeight } = guard.status();
      await guard.close();
      if (step.do === 'move') {
        const old = file;
        file = path.join(directory, `guard-${++number}.db`);
        exportGuard(old, `${file}.export`, { reason: 'test' });
        importGuard(`${file}.export`, file, { key: KEY, source: SOURCE, reason: 'test' });
      } else if (step.do === 'clear') {
        const isAllowed = step.putAside !== undefined && step.putAside + 1n >= floorHeight;
        clearGuard(file, { reason: 'test', putAsideThrough: isAllowed ? step.putAside : undefined });
      }
      guard = await open(false);
      onStep(step, []);
    }
  } finally {
    await guard.close();
    fs.rmSync(directory, { recursive: true, force: true });
  }
};
