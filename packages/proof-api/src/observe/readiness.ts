import type { Readiness } from '@interchain-attestation/service';
import type { Route } from '../route/route.ts';

type Check = Readiness['checks'][string];

const checkChain = async (read: () => Promise<unknown>): Promise<Check> => {
  try {
    await read();
    return { ok: true };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : 'unreadable' };
  }
};

/**
 * Whether proofs can be made: chains answer, at least one attestor a source is up, no client is stopped. How many
 * attestors a client needs is the client's business, so the number that is up is only told.
 */
export const checkReadiness = async (routes: readonly Route[]): Promise<Readiness> => {
  const chains = new Map<string, () => Promise<unknown>>();
  const checks: Record<string, Check> = {};
  for (const { source, dest, stops } of routes) {
    chains.set(source.name, () => source.reader.latestBlock());
    chains.set(dest.name, () => dest.reader.latestBlock());
    const up = source.attestors.filter(({ breaker, latestHeight }) => {
      return breaker.state === 'closed' && latestHeight !== undefined;
    });
    const detail = `${up.length} of ${source.attestors.length} answer`;
    checks[`attestors of ${source.name}`] = { ok: up.length > 0, detail };
    const stopped = [...stops.all.keys()];
    checks[`route ${source.name} -> ${dest.name}`] =
      stopped.length === 0 ? { ok: true } : { ok: false, detail: `stopped: ${stopped.join(', ').slice(0, 200)}` };
  }
  await Promise.all(
    [...chains].map(async ([name, read]) => {
      checks[`chain ${name}`] = await checkChain(read);
    }),
  );
  return { ok: Object.values(checks).every(({ ok }) => ok), checks };
};
