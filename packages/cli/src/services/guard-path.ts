import { join } from 'node:path';
import type { AttestConfig } from '../config/types.ts';

/** File of an attestor's signing guard. */
export const guardPath = (config: AttestConfig, name: string): string =>
  config.attestors[name]?.guard ?? join(config.dataDir, 'guard', `${name}.db`);
