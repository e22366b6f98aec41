import type { ChainReader, Clock, Signer } from '@interchain-attestation/chains';
import { isAttestationError } from '@interchain-attestation/core';
import type { Guard, OpenGuardOptions } from '@interchain-attestation/guard';
import type { attestor } from '@interchain-attestation/proto';
import type { Logger, Readiness, ServiceImpl } from '@interchain-attestation/service';
import { type Attestor, createAttestor } from './attestor.ts';
import type { AttestorConfig } from './config.ts';
import { AttestorError } from './errors.ts';
import type { AttestorEvent } from './event.ts';
import { assertSigner } from './statement-signer.ts';

type Impl = ServiceImpl<typeof attestor.AttestationService>;

/** Opens a guard; `openGuard` of the guard package. */
export type GuardOpener = (options: OpenGuardOptions) => Promise<Guard>;

export interface SourceDeps {
  readonly chain: ChainReader;
  readonly signer: Signer;
  readonly openGuard: GuardOpener;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: (event: AttestorEvent) => void;
}

/** An attestor that may still wait for its chain: until it answers, requests get Unavailable. */
export interface Source {
  readonly impl: Impl;
  /** The first attempt to reach the chain and open the guard. */
  readonly started: Promise<void>;
  ready(): Promise<Readiness>;
  close(): Promise<void>;
}

const RETRY_MS = 1_000;

const OUTAGES: ReadonlySet<string> = new Set(['chain/unavailable', 'chain/rpc-disagreement', 'attestor/signer-failed']);

const isOutage = (error: unknown): boolean => isAttestationError(error) && OUTAGES.has(error.code);

/**
 * Starts an attestor whose guard can only be opened once the chain has said who it is.
 * @param onFatal told when it turns out later, after an outage at start, that this attestor must not run
 */
export const startSource = (config: AttestorConfig, deps: SourceDeps, onFatal: (error: unknown) => void): Source => {
  const { chain, signer, openGuard, clock, logger, emit } = deps;
  const ended = new AbortController();
  let opened: Attestor | undefined;
  let failure: unknown;

  const open = async (): Promise<void> => {
    await assertSigner(signer);
    const source = await chain.identity({ signal: ended.signal });
    const guard = await openGuard({
      path: config.guardPath,
      source,
      key: signer.address,
      create: config.createGuard,
      maxAbsences: config.maxAbsences,
      now: () => clock.now(),
    });
    if (ended.signal.aborted) {
      await guard.close();
      throw new AttestorError('attestor/closed', 'the attestor was closed while it started');
    }
    try {
      opened = createAttestor({ chain, guard, signer, clock, emit }, config);
    } catch (error) {
      await guard.close();
      throw error;
    }
    failure = undefined;
    logger.info({ chainId: source.chainId, store: source.store, address: signer.address }, 'attesting');
  };
  const keepTrying = async (): Promise<void> => {
    while (opened === undefined) {
      await clock.sleep(RETRY_MS, ended.signal).catch(() => {});
      if (ended.signal.aborted) return;
      try {
        await open();
        emit({ type: 'started' });
      } catch (error) {
        failure = error;
        if (isOutage(error)) continue;
        logger.fatal({ err: error }, 'this attestor cannot run');
        onFatal(error);
        return;
      }
    }
  };
  let trying: Promise<void> | undefined;
  const start = async (): Promise<void> => {
    try {
      await open();
    } catch (error) {
      failure = error;
      if (!isOutage(error)) throw error;
      emit({ type: 'read-failed', operation: 'start', error });
      trying = keepTrying();
    }
  };

  const starting = async (): Promise<never> => {
    throw new AttestorError('attestor/starting', 'the chain has not been reached since the start', {
      retryable: true,
      cause: failure,
    });
  };
  const notYet: Impl = { stateAttestation: starting, packetAttestation: starting, latestHeight: starting };
  const current = (): Impl => opened?.impl ?? notYet;
  const started = start();
  return {
    impl: {
      stateAttestation: (request, context) => current().stateAttestation(request, context),
      packetAttestation: (request, context) => current().packetAttestation(request, context),
      latestHeight: (request, context) => current().latestHeight(request, context),
    },
    started,
    async ready() {
      if (opened !== undefined) return opened.ready();
      const detail = isAttestationError(failure) ? `${failure.code}: ${failure.message}` : 'not started yet';
      return { ok: false, checks: { chain: { ok: false, detail } } };
    },
    async close() {
      ended.abort();
      await started.catch(() => {});
      await trying;
      await opened?.close();
    },
  };
};
