import { readFileSync } from 'node:fs';
import type { ManagedProcess } from '@interchain-attestation/devnet';

const TICKS_PER_SEC = 100;

/** CPU seconds used so far, and resident memory in MB now, of these processes together. */
export const usageOf = (processes: readonly ManagedProcess[]): { cpuSec: number; memoryMb: number } => {
  let cpuSec = 0;
  let memoryMb = 0;
  for (const { pid } of processes) {
    if (pid === undefined) continue;
    // The name in parentheses may hold spaces: fields are counted from its end.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    cpuSec += (Number(stat[11]) + Number(stat[12])) / TICKS_PER_SEC;
    const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    memoryMb += Number(resident ?? 0) / 1024;
  }
  return { cpuSec, memoryMb };
};
