import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attestorProcessSchema, startAttestor } from '@interchain-attestation/attestor';
import { type ChainReader, createMemorySigner, systemClock } from '@interchain-attestation/chains';
import type { Address } from '@interchain-attestation/core';
import { openGuard } from '@interchain-attestation/guard';
import { silentLogger } from '@interchain-attestation/service';
import { testKey } from './test-attestor.ts';

export interface RealAttestors {
  readonly endpoints: readonly { readonly name: string; readonly address: string }[];
  readonly signers: readonly Address[];
  close(): Promise<void>;
}

/** Attestors of this project, with guards on disk, for one chain. Keys start at `firstKey`. */
export const startRealAttestors = async (
  source: { readonly name: string; connect(): { readonly reader: ChainReader; close(): Promise<void> } },
  count: number,
  firstKey: number,
): Promise<RealAttestors> => {
  const dir = await mkdtemp(join(tmpdir(), 'guards-'));
  const chain = source.connect();
  const names = Array.from({ length: count }, (_, i) => `${source.name}-${i}`);
  const signers = names.map((_, i) => createMemorySigner(testKey(firstKey + i)));
  const config = attestorProcessSchema.parse({
    attestors: names.map((name) => ({
      name,
      listen: '127.0.0.1:0',
      guardPath: join(dir, `${name}.guard`),
      createGuard: true,
    })),
  });
  const parts = Object.fromEntries(
    names.map((name, i) => [name, { chain: chain.reader, signer: signers[i] ?? createMemorySigner(testKey(0)) }]),
  );
  const running = await startAttestor(config, { parts, openGuard, clock: systemClock, logger: silentLogger });
  return {
    endpoints: names.map((name) => ({ name, address: `127.0.0.1:${running.ports[name]}` })),
    signers: signers.map(({ address }) => address),
    async close() {
      await running.close(0);
      await chain.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
};
