import { createRequire } from 'node:module';
import { createLightClient, createMemoryStore, ibcGoModulePolicy } from '@interchain-attestation/light-client';
import type { BenchSetup, BenchSignature } from './proofs.ts';

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
  ecdsaRecover(
    rs: Uint8Array,
    recoveryId: number,
    digest: Uint8Array,
    compressed: boolean,
    output: Uint8Array,
  ): Uint8Array;
}

/** Nanoseconds of one public key recovery by the C library, called from Node as `core` calls it. */
export const timeRecovery = (signatures: readonly BenchSignature[], count: number): number => {
  const fromCore = createRequire(createRequire(import.meta.url).resolve('@interchain-attestation/core'));
  const bindings = fromCore('secp256k1/bindings') as Bindings;
  const calls = signatures.map(({ digest, signature }) => ({
    rs: signature.subarray(0, 64),
    recoveryId: signature[64] ?? 0,
    digest,
  }));
  const output = new Uint8Array(65);
  return time(count, (i) => {
    const call = calls[i % calls.length];
    if (call !== undefined) bindings.ecdsaRecover(call.rs, call.recoveryId, call.digest, false, output);
  });
};
