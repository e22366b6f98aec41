import fs from 'node:fs';
import { equalBytes } from '@interchain-attestation/core';
import { GuardError } from '../errors.ts';
import { type GuardFiles, inodeOf } from './files.ts';
import type { OwnerRow, Turn } from './owner.ts';
import type { WitnessRecord } from './witness.ts';

/**
 * Refuses a guard that is not the one last used here: a copy, a backup put back, a file without its witness. Each of
 * them may lack records that were signed on, and nothing in the file itself would show it.
 * @throws GuardError `guard/copied`
 */
export const assertSameFile = (
  files: GuardFiles,
  owner: OwnerRow,
  turn: Pick<Turn, 'seq'>,
  witness: WitnessRecord | undefined,
): void => {
  const refuse = (why: string): never => {
    throw new GuardError(
      'guard/copied',
      `guard ${files.main} ${why}: records of newer signatures may be missing; move guards by export and import`,
      { meta: { path: files.main } },
    );
  };
  const inode = inodeOf(files.main);
  if (owner.inode !== inode) refuse(`is a copy (inode ${inode}, recorded ${owner.inode})`);
  // Under another name it would have another lock and another journal.
  if (fs.statSync(files.main).nlink > 1) refuse('has more than one name');
  if (witness === undefined) {
    if (turn.seq > 0n) refuse('has lost its witness file');
    return;
  }
  if (!equalBytes(witness.guardId, owner.guardId)) refuse('stands beside the witness of another guard');
  if (witness.seq > turn.seq) refuse(`was restored: it has ${turn.seq} transactions, its witness saw ${witness.seq}`);
};
