import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { GuardError } from '../errors.ts';
import { type ExportHeader, type ExportLine, endSchema, headerSchema, lineSchema } from './export-format.ts';

const CHUNK_BYTES = 1 << 20;
/** Evidence may be long; nothing else is. */
const MAX_LINE_BYTES = 1 << 20;

const broken = (file: string, line: number, why: string, cause?: unknown): GuardError =>
  new GuardError('guard/damaged', `export ${file}, line ${line}: ${why}`, { cause, meta: { path: file, line } });

/** Lines with their newline, without reading the whole file into memory. */
function* readLines(file: string): Generator<Buffer> {
  const fd = fs.openSync(file, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let size = fs.readSync(fd, chunk); size > 0; size = fs.readSync(fd, chunk)) {
      rest = Buffer.concat([rest, chunk.subarray(0, size)]);
      let start = 0;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
        yield rest.subarray(start, end + 1);
        start = end + 1;
      }
      rest = rest.subarray(start);
      if (rest.length > MAX_LINE_BYTES) throw new GuardError('guard/damaged', `export ${file} has an endless line`);
    }
    if (rest.length > 0) yield rest;
  } finally {
    fs.closeSync(fd);
  }
}

const parseJson = (bytes: Buffer, file: string, line: number): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw broken(file, line, 'not JSON', cause);
  }
};

/** The digest is checked before anything is believed: a file cut short would lose the newest records. */
const verifyWhole = (file: string): number => {
  const digest = createHash('sha256');
  let last: Buffer | undefined;
  let count = 0;
  for (const line of readLines(file)) {
    if (last !== undefined) digest.update(last);
    last = Buffer.from(line);
    count++;
  }
  const end = last === undefined ? undefined : endSchema.safeParse(parseJson(last, file, count));
  if (end?.success !== true) throw broken(file, count, 'the last line is missing: the file is cut short');
  if (end.data.end.sha256 !== digest.digest('hex')) throw broken(file, count, 'the digest does not match');
  return count;
};

/** An export that was read and checked. */
export interface ExportFile {
  readonly header: ExportHeader;
  rows(): Generator<ExportLine>;
}

/** @throws GuardError `guard/missing`, `guard/damaged`, `guard/unsupported-version` */
export const readExport = (file: string): ExportFile => {
  if (!fs.existsSync(file))
    throw new GuardError('guard/missing', `there is no export ${file}`, { meta: { path: file } });
  const count = verifyWhole(file);
  const first = readLines(file).next();
  const json = first.done === true ? undefined : parseJson(first.value, file, 1);
  const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined;
  if (typeof version === 'number' && version !== 1) {
    throw new GuardError('guard/unsupported-version', `export ${file} has version ${version}, this program reads 1`, {
      meta: { path: file, got: version },
    });
  }
  const header = headerSchema.safeParse(json);
  if (!header.success) throw broken(file, 1, 'not the header of an export', header.error);
  return {
    header: header.data,
    rows: function* () {
      let number = 0;
      for (const line of readLines(file)) {
        number++;
        if (number === 1 || number === count) continue;
        const row = lineSchema.safeParse(parseJson(line, file, number));
        if (!row.success) throw broken(file, number, 'not a record', row.error);
        yield row.data;
      }
    },
  };
};
