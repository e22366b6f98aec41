import fs from 'node:fs';
import path from 'node:path';
import { GuardError } from '../errors.ts';

/** The files of one guard. */
export interface GuardFiles {
  readonly main: string;
  /** SQLite's journal: the newest records until they are folded into the main file. */
  readonly wal: string;
  readonly lock: string;
  readonly witness: string;
}

/** Resolves symbolic links, so that one guard has one lock whatever name it is opened by. */
export const guardFiles = (file: string): GuardFiles => {
  const absolute = path.resolve(file);
  const directory = path.dirname(absolute);
  if (!fs.existsSync(directory)) {
    throw new GuardError('guard/missing', `directory of the guard does not exist: ${directory}`, {
      meta: { path: absolute },
    });
  }
  const main = fs.existsSync(absolute)
    ? fs.realpathSync(absolute)
    : path.join(fs.realpathSync(directory), path.basename(absolute));
  return { main, wal: `${main}-wal`, lock: `${main}.lock`, witness: `${main}.witness` };
};

/** Makes a rename or a new file in `directory` survive a power cut. */
export const syncDirectory = (directory: string): void => {
  const fd = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
};

/** Size of the file in bytes, 0 when there is none. */
export const sizeOf = (file: string): number => fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** What tells a file from its copy. */
export const inodeOf = (file: string): string => fs.statSync(file, { bigint: true }).ino.toString();
