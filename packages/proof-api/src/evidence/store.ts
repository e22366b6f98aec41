import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type Evidence, parseEvidence } from './evidence.ts';

/** Where evidence is kept. */
export interface EvidenceStore {
  /** Durable when it resolves. Evidence with the same id replaces the older one. */
  save(evidence: Evidence): Promise<void>;
  list(): Promise<readonly Evidence[]>;
}

/** Keeps evidence in memory: for tests, and for a proof API without a directory. */
export const createMemoryEvidenceStore = (): EvidenceStore => {
  const all = new Map<string, Evidence>();
  return {
    save: async (evidence) => {
      all.set(evidence.id, evidence);
    },
    list: async () => [...all.values()],
  };
};

const writeDurably = async (dir: string, name: string, text: string): Promise<void> => {
  const path = join(dir, name);
  const file = await open(`${path}.tmp`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

/**
 * One JSON file for each piece of evidence, written whole or not at all. Files that are no evidence are left alone.
 * @param dir made when missing
 */
export const createFileEvidenceStore = (dir: string): EvidenceStore => {
  // One write at a time: two for the same id must not share a temporary file.
  let last: Promise<void> = Promise.resolve();
  return {
    save(evidence) {
      const write = last.then(async () => {
        await mkdir(dir, { recursive: true, mode: 0o700 });
        await writeDurably(dir, `${evidence.id}.json`, `${JSON.stringify(evidence, null, 2)}\n`);
      });
      last = write.catch(() => {});
      return write;
    },
    async list() {
      const names = await readdir(dir).catch(() => []);
      const texts = await Promise.all(
        names.filter((name) => name.endsWith('.json')).map((name) => readFile(join(dir, name), 'utf8')),
      );
      return texts.flatMap((text) => {
        try {
          return [parseEvidence(text)];
        } catch {
          return [];
        }
      });
    },
  };
};
