import { createRequire } from 'node:module';
import { sha256, signDigest, utf8ToBytes } from '@interchain-attestation/core';
import { createLightClient, createMemoryStore, ibcGoModulePolicy } from '@interchain-attestation/light-client';
import type { BenchSetup } from './proofs.ts';

/** Nanoseconds of processor time a call of `work`, all threads, over `count` calls. */
const time = (count: number, work: (index: number) => void): number => {
  const started = process.cpuUsage();
  for (let i = 0; i < count; i++) work(i);
  const { user, system } = process.cpuUsage(started);
  return ((user + system) * 1_000) / count;
};

/** Our client over its store: a function that verifies `count` proofs in turn and answers nanoseconds a proof. */
export const createOurs = ({ store: entries, proofs, height }: BenchSetup): ((count: number) => number) => {
  const store = createMemoryStore();
  store.apply(entries.map(([key, value]) => ({ key, value })));
  const client = createLightClient({ policy: ibcGoModulePolicy, store });
  const calls = proofs.map(({ proof, path, value }) => ({ proof, height, path: [path], value }));
  return (count) =>
    time(count, (i) => {
      const call = calls[i % calls.length];
      if (call === undefined || !client.verifyMembership(call).ok) throw new Error('a proof does not verify');
    });
};

interface Bindings {
  ecdsaRecover(rs: Uint8Array, recoveryId: number, digest: Uint8Array, compressed: boolean): Uint8Array;
}

/** Nanoseconds of one public key recovery by the C library, called from Node. */
export const timeRecovery = (count: number): number => {
  const fromCore = createRequire(createRequire(import.meta.url).resolve('@interchain-attestation/core'));
  const bindings = fromCore('secp256k1/bindings') as Bindings;
  const digest = sha256(utf8ToBytes('recovery'));
  const signature = signDigest(digest, sha256(utf8ToBytes('key')));
  const rs = signature.subarray(0, 64);
  const recoveryId = (signature[64] ?? 27) - 27;
  return time(count, () => {
    bindings.ecdsaRecover(rs, recoveryId, digest, false);
  });
};
