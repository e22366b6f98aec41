// Attests every height from 1 on, on one of two forks, and prints each signature; told where to kill itself.
import { createMemorySigner, type Signer, systemClock } from '@interchain-attestation/chains';
import { bytesToHex } from '@interchain-attestation/core';
import { type Guard, openGuard } from '@interchain-attestation/guard';
import { attestor } from '@interchain-attestation/proto';
import { createLocalClient, type RpcError } from '@interchain-attestation/service';
import { attestorLimitsSchema, createAttestor, toStatus } from '../../src/index.ts';
import { ScriptedChain } from './scripted-chain.ts';

export interface CrashOptions {
  readonly guardPath: string;
  /** Blocks from 10 on differ between forks. */
  readonly fork: string;
  readonly create: boolean;
  /** Kills the process there, at the fifteenth statement. */
  readonly killAt?: 'before-record' | 'after-record' | 'after-sign';
  /** Heights attested at once. */
  readonly width: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as CrashOptions;
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
};
const chain = new ScriptedChain(60);
chain.reorg(10n, options.fork);

const memory = createMemorySigner(new Uint8Array(32).fill(7));
let signatures = 0;
const signer: Signer = {
  ...memory,
  async signRecoverable(message) {
    signatures++;
    if (signatures === 15 && options.killAt === 'after-record') die();
    const signature = await memory.signRecoverable(message);
    if (signatures === 15 && options.killAt === 'after-sign') die();
    return signature;
  },
};
let records = 0;
const watched = (guard: Guard): Guard => ({
  ...noMethods(guard),
  record(statement) {
    records++;
    if (records === 15 && options.killAt === 'before-record') die();
    return guard.record(statement);
  },
});
const noMethods = (guard: Guard): Guard => ({
  key: guard.key,
  source: guard.source,
  record: (statement) => guard.record(statement),
  reportConflict: (report) => guard.reportConflict(report),
  recordedBlocks: (from) => guard.recordedBlocks(from),
  status: () => guard.status(),
  evidence: (limit) => guard.evidence(limit),
  close: () => guard.close(),
});

const guard = await openGuard({
  path: options.guardPath,
  source: await chain.identity(),
  key: signer.address,
  create: options.create,
});
const made = createAttestor(
  { chain, guard: watched(guard), signer, clock: systemClock },
  attestorLimitsSchema.parse({ pollIntervalMs: 60_000, maxFinalityAgeSec: 0 }),
);
const client = createLocalClient(attestor.AttestationService, made.impl, { toStatus });
process.stdout.write('ready\n');
const attest = async (height: bigint): Promise<void> => {
  try {
    const { attestation } = await client.stateAttestation({ height });
    const line = { height: String(height), hash: chain.blocks[Number(height)]?.hash };
    process.stdout.write(
      `${JSON.stringify({ ...line, data: bytesToHex(attestation?.attestedData ?? signer.publicKey) })}\n`,
    );
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ height: String(height), refused: (error as RpcError).reason })}\n`);
  }
};
for (let height = 1; height < 59; height += options.width) {
  const heights = Array.from({ length: options.width }, (_, i) => BigInt(height + i)).filter((h) => h < 59n);
  await Promise.all(heights.map(attest));
}
await made.close();
