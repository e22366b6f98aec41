import fs from 'node:fs';
import path from 'node:path';
import { equalBytes } from '@interchain-attestation/core';
import { GuardError } from '../errors.ts';
import { type GuardFiles, syncDirectory } from './files.ts';

const MAGIC: Buffer = Buffer.from('IAGWIT01');
const ID_LENGTH = 16;
const COUNTER_OFFSET: number = MAGIC.length + ID_LENGTH;
const LENGTH: number = COUNTER_OFFSET + 8;

/** What the witness file says: which guard it stands beside, and how far that guard had come. */
export interface WitnessRecord {
  readonly guardId: Uint8Array;
  readonly seq: bigint;
}

/**
 * Counts the transactions of a guard outside of its database, so that a database restored from a backup, or one that
 * lost its journal, is told from the newest one. Written after each commit and not flushed: after a power cut it may
 * lag behind the database, never run ahead of it.
 */
export interface Witness {
  write(seq: bigint): void;
  close(): void;
}

/**
 * Undefined when there is none.
 * @throws GuardError `guard/damaged`
 */
export const readWitness = (files: GuardFiles): WitnessRecord | undefined => {
  if (!fs.existsSync(files.witness)) return undefined;
  const bytes = fs.readFileSync(files.witness);
  if (bytes.length !== LENGTH || !equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) {
    throw new GuardError('guard/damaged', `witness file ${files.witness} is damaged`, {
      meta: { path: files.witness },
    });
  }
  return { guardId: bytes.subarray(MAGIC.length, COUNTER_OFFSET), seq: bytes.readBigUInt64BE(COUNTER_OFFSET) };
};

/** Replaces the witness file in one step and keeps it open for {@link Witness.write}. */
export const startWitness = (files: GuardFiles, record: WitnessRecord): Witness => {
  const bytes = Buffer.alloc(LENGTH);
  bytes.set(MAGIC);
  bytes.set(record.guardId, MAGIC.length);
  bytes.writeBigUInt64BE(record.seq, COUNTER_OFFSET);
  const temporary = `${files.witness}.new`;
  const fd = fs.openSync(temporary, 'w', 0o600);
  fs.writeSync(fd, bytes);
  fs.fsyncSync(fd);
  fs.renameSync(temporary, files.witness);
  syncDirectory(path.dirname(files.witness));
  const counter = Buffer.alloc(8);
  return {
    write: (seq) => {
      counter.writeBigUInt64BE(seq);
      fs.writeSync(fd, counter, 0, 8, COUNTER_OFFSET);
    },
    close: () => fs.closeSync(fd),
  };
};
