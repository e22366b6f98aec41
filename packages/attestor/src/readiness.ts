import type { Clock } from '@interchain-attestation/chains';
import { isAttestationError } from '@interchain-attestation/core';
import type { Guard } from '@interchain-attestation/guard';
import type { Readiness } from '@interchain-attestation/service';
import type { AttestorLimits } from './config.ts';
import type { Poller } from './poller.ts';
import type { StatementSigner } from './statement-signer.ts';

type Check = { readonly ok: boolean; readonly detail?: string };

/** Never the text of an accident: only errors that we throw on purpose are shown. */
const describe = (error: unknown): string => (isAttestationError(error) ? `${error.code}: ${error.message}` : 'failed');

/** Whether a new statement would be signed now: chain reachable, guard healthy, final block fresh. */
export const createReadiness = (deps: {
  readonly poller: Poller;
  readonly guard: Guard;
  readonly signer: StatementSigner;
  readonly clock: Clock;
  readonly limits: AttestorLimits;
  readonly closed: () => boolean;
}): (() => Promise<Readiness>) => {
  const { poller, guard, signer, clock, limits } = deps;

  const chainCheck = (): Check => {
    const last = poller.last();
    const ageMs = last === undefined ? Number.POSITIVE_INFINITY : clock.now() - last.atMs;
    if (ageMs <= limits.maxReadAgeMs) return { ok: true };
    const error = poller.error();
    if (error !== undefined) return { ok: false, detail: describe(error) };
    return { ok: false, detail: last === undefined ? 'no answer yet' : `no answer for ${Math.round(ageMs / 1000)} s` };
  };
  const finalityCheck = (): Check => {
    const last = poller.last();
    if (last === undefined) return { ok: false, detail: 'no final block is known' };
    const ageSec = Math.floor(clock.now() / 1000) - Number(last.final.timestampSec);
    const detail = `final block ${last.final.height}, ${ageSec} s old`;
    return { ok: limits.maxFinalityAgeSec === 0 || ageSec <= limits.maxFinalityAgeSec, detail };
  };
  const guardCheck = (): Check => {
    const stopped = signer.stopped();
    if (stopped !== undefined) return { ok: false, detail: stopped.message };
    const { state } = guard.status();
    return state === 'ready' ? { ok: true } : { ok: false, detail: `the guard is ${state}` };
  };

  return async () => {
    if (deps.closed()) return { ok: false, checks: { attestor: { ok: false, detail: 'shutting down' } } };
    if (poller.last() === undefined && poller.error() === undefined) await poller.poll();
    const checks = { chain: chainCheck(), finality: finalityCheck(), guard: guardCheck() };
    return { ok: Object.values(checks).every(({ ok }) => ok), checks };
  };
};
