import { setTimeout as sleep } from 'node:timers/promises';
import { larger } from '@interchain-attestation/core';
import type { Devnet } from './devnet.ts';

const POLL_MS = 200;

/**
 * Resolves once every chain has a block that comes more than so many seconds after the newest block of them all now: by
 * then what was sent to time out within them has timed out everywhere.
 * @throws the signal's reason when it aborts first
 */
export const untilChainsPass = async (
  { chains, cosmos }: Pick<Devnet, 'chains' | 'cosmos'>,
  seconds: number,
  signal?: AbortSignal,
): Promise<void> => {
  const times = (): Promise<readonly bigint[]> =>
    Promise.all([
      ...Object.values(chains).map(async ({ client }) => (await client.getBlock()).timestamp),
      ...Object.values(cosmos).map(async ({ chain }) => (await chain.reader.latestBlock()).timestampSec),
    ]);
  const due = (await times()).reduce(larger) + BigInt(seconds);
  while ((await times()).some((time) => time <= due)) {
    signal?.throwIfAborted();
    await sleep(POLL_MS);
  }
};
