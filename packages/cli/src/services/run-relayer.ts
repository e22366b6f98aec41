import type { RoleDeps, RunningRole } from './role.ts';

export const runRelayer = (_deps: RoleDeps): Promise<RunningRole> => Promise.reject(new Error('later'));
