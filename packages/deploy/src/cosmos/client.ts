import { systemClock } from '@interchain-attestation/chains';
import type { Hex } from '@interchain-attestation/core';
import { compareSet } from '../compare-set.ts';
import { assertNoDifference, DeployError, type Difference } from '../errors.ts';
import type { InitialState } from '../initial-state.ts';
import type { DeployedCosmosClient, PendingCosmosClient } from '../manifest/schema.ts';
import { assertSafeSet, type SetOptions } from '../set-rules.ts';
import { fromChain, ifFound } from './chain-error.ts';
import { findCreated } from './find-client.ts';
import { createClientBody } from './messages.ts';
import type { CosmosRun } from './run.ts';

export interface CosmosClientOptions extends SetOptions {
  /** Name of the connection in the configuration: the manifest keeps the client under it. */
  readonly connection: string;
  /** A client that exists already and shall be used; by default the one of the manifest, or a new one. */
  readonly clientId?: string | undefined;
  /** Asked only when the client has yet to be created. */
  readonly initialState: () => Promise<InitialState>;
}

/** Blocks within which a MsgCreateClient is included, or never. */
const INCLUSION_BLOCKS = 100n;
const LOOK_AGAIN_MS = 300;
/** A node behind a balancer may not have the block yet that another one showed. */
const LOOKS = 20;
/**
 * Nothing was sent, or it can no longer be included. A node of another chain is not among them: the one that took the
 * transaction before may have been of the right one.
 */
const NOTHING_SENT: ReadonlySet<string> = new Set([
  'deploy/transaction-failed',
  'deploy/insufficient-funds',
  'deploy/invalid-input',
]);

const titleOf = ({ connection, set }: CosmosClientOptions): string =>
  `light client of ${connection}, ${set.minRequiredSigs} of ${set.attestors.length}`;

const height = (run: CosmosRun): Promise<bigint> =>
  fromChain(run.name, async () => (await run.chain.reader.latestBlock()).height);

/** Compares a client that exists with what is wanted, field by field, and never touches it. */
const adopt = async (run: CosmosRun, clientId: string, options: CosmosClientOptions): Promise<void> => {
  const { connection, set } = options;
  const what = `${clientId} on ${run.name} is not what the configuration asks for`;
  const known = run.journal.manifest.clients[connection];
  const details: Difference[] = [];
  if (known !== undefined && known.clientId !== clientId) {
    details.push({ field: 'client.id', wanted: clientId, found: known.clientId, where: 'manifest' });
  }
  assertNoDifference(what, details);
  const state = await fromChain(run.name, () => ifFound(run.chain.clients.clientState(clientId)));
  if (state === undefined) {
    assertNoDifference(what, [{ field: 'client.id', wanted: clientId, found: 'absent', where: 'chain' }]);
    return;
  }
  assertNoDifference(what, compareSet(state, set));
  if (state.isFrozen) run.warnings.push(`${clientId} on ${run.name} is frozen for good: nothing passes through it`);
  if (known !== undefined) return;
  run.warnings.push(`${clientId} on ${run.name} was not created with this manifest; it is used as it is`);
  const { attestors, minRequiredSigs: quorum } = set;
  await keep(run, connection, { clientId, attestors, quorum });
};

/** What may have been sent for another connection stays written down: its client would be lost. */
const keep = (run: CosmosRun, connection: string, client: DeployedCosmosClient): Promise<void> => {
  const { manifest } = run.journal;
  const pending = manifest.pending?.connection === connection ? undefined : manifest.pending;
  return run.journal.update({ clients: { ...manifest.clients, [connection]: client }, pending });
};

const keepCreated = async (
  run: CosmosRun,
  { connection, attestors, quorum, created }: PendingCosmosClient,
  clientId: string,
  txHash?: Hex,
): Promise<void> =>
  keep(run, connection, {
    ...{ clientId, attestors, quorum },
    created: txHash === undefined ? created : { ...created, txHash },
  });

/** What an earlier run sent and did not see the end of. @returns the client's id, or undefined when there will be none */
const settle = async (run: CosmosRun, pending: PendingCosmosClient): Promise<string | undefined> => {
  const wanted = run.account === pending.created.creator;
  if (!wanted) {
    const text = `an earlier run of ${pending.created.creator} may have created a client of ${pending.connection}`;
    throw new DeployError('deploy/conflict', `${text}: run it again with that account first`);
  }
  for (;;) {
    // Asked first: a block that comes between the two questions must not be the one that holds it.
    const reached = await height(run);
    const clientId = await findCreated(run, pending);
    if (clientId !== undefined || reached > BigInt(pending.timeoutHeight)) return clientId;
    await systemClock.sleep(LOOK_AGAIN_MS);
  }
};

const create = async (run: CosmosRun, options: CosmosClientOptions, title: string, step: string): Promise<string> => {
  const { connection, set } = options;
  const state = await options.initialState();
  if (state.height <= 0n || state.timestampSec <= 0n) {
    const text = `initial height ${state.height} and time ${state.timestampSec}: neither may be 0`;
    throw new DeployError('deploy/invalid-input', text);
  }
  const now = await height(run);
  const timeoutHeight = now + INCLUSION_BLOCKS;
  const pending: PendingCosmosClient = {
    connection,
    attestors: set.attestors,
    quorum: set.minRequiredSigs,
    created: {
      creator: run.account,
      height: now.toString(),
      initialHeight: state.height.toString(),
      initialTimestampSec: state.timestampSec.toString(),
      initialStateFrom: state.from,
    },
    timeoutHeight: timeoutHeight.toString(),
  };
  await run.journal.update({ pending });
  const receipt = await run
    .submit(title, createClientBody(set, state, run.account, timeoutHeight))
    .catch(async (error: unknown) => {
      if (error instanceof DeployError && NOTHING_SENT.has(error.code))
        await run.journal.update({ pending: undefined });
      throw error;
    });
  for (let look = 0; look < LOOKS; look++) {
    const clientId = await findCreated(run, pending);
    if (clientId !== undefined) {
      await keepCreated(run, pending, clientId, receipt.txId);
      const { gasUsed, txId: txHash } = receipt;
      run.report({ step, title, outcome: 'done', clientId, txHash, gasUsed });
      return clientId;
    }
    await systemClock.sleep(LOOK_AGAIN_MS);
  }
  const text = `${receipt.txId} created a client that ${run.name} does not show yet; run again`;
  throw new DeployError('deploy/unavailable', text, { retryable: true });
};

/**
 * Creates an attestation light client on a Cosmos chain. What was sent is written down before, so that a run that is ended
 * at any point loses no client and makes none twice. One that exists already is compared, and never touched.
 * @returns its id; undefined in a dry run that would create it
 * @throws DeployError `deploy/conflict`, `deploy/quorum-unreachable`, `deploy/invalid-input`, `deploy/transaction-failed`, ...
 */
export const deployCosmosClient = async (run: CosmosRun, options: CosmosClientOptions): Promise<string | undefined> => {
  const { connection } = options;
  assertSafeSet(options.clientId ?? connection, options);
  const title = titleOf(options);
  const step = `create:client:${connection}`;
  const { manifest } = run.journal;
  const existing = options.clientId ?? manifest.clients[connection]?.clientId;
  if (existing !== undefined) {
    await adopt(run, existing, options);
    run.report({ step, title, outcome: 'exists', clientId: existing });
    return existing;
  }
  if (run.dryRun) {
    run.report({ step, title, outcome: 'planned' });
    return undefined;
  }
  const { pending } = manifest;
  if (pending !== undefined) {
    const clientId = await settle(run, pending);
    if (clientId === undefined) await run.journal.update({ pending: undefined });
    else await keepCreated(run, pending, clientId);
    if (clientId !== undefined && pending.connection === connection) {
      await adopt(run, clientId, options);
      run.report({ step, title, outcome: 'resumed', clientId });
      return clientId;
    }
  }
  return create(run, options, title, step);
};
