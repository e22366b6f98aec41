import type { Counterparty } from '@interchain-attestation/chains';
import { bytesToHex } from '@interchain-attestation/core';
import { assertNoDifference, DeployError, type Difference } from '../errors.ts';
import { fromChain, ifFound } from './chain-error.ts';
import { MERKLE_PREFIX, registerBody } from './messages.ts';
import type { CosmosRun } from './run.ts';

export interface CosmosCounterpartyOptions {
  /** Name of the connection, as the client was deployed under. */
  readonly connection: string;
  /** Id of the client on the other chain that tracks this one. */
  readonly counterpartyClientId: string;
}

/** What ibc-go takes as a client id: a word, a dash and a number. Source: ibc-go, 02-client/types. */
const CLIENT_ID = /^\w+([\w-]+\w)?-[0-9]{1,20}$/;

const prefixText = (prefix: readonly Uint8Array[]): string => JSON.stringify(prefix.map((part) => bytesToHex(part)));

const compareCounterparty = (found: Counterparty, clientId: string): readonly Difference[] => {
  const details: Difference[] = [];
  if (found.clientId !== clientId) {
    const field = 'client.counterparty.clientId';
    details.push({ field, wanted: clientId, found: found.clientId, where: 'chain' });
  }
  const [wanted, prefix] = [prefixText(MERKLE_PREFIX), prefixText(found.merklePrefix)];
  if (prefix !== wanted) {
    details.push({ field: 'client.counterparty.merklePrefix', wanted, found: prefix, where: 'chain' });
  }
  return details;
};

/**
 * Names the counterparty of a client; one that is named already is compared.
 * @throws DeployError `deploy/not-deployed` without the client, `deploy/conflict` for another counterparty
 */
export const registerCounterparty = async (run: CosmosRun, options: CosmosCounterpartyOptions): Promise<void> => {
  const { connection, counterpartyClientId } = options;
  if (!CLIENT_ID.test(counterpartyClientId)) {
    const text = `counterparty ${counterpartyClientId.slice(0, 140)}: a Cosmos chain takes only ids that end in -NUMBER`;
    throw new DeployError('deploy/invalid-input', text);
  }
  const { manifest } = run.journal;
  const client = manifest.clients[connection];
  const title = `counterparty ${counterpartyClientId} of ${client?.clientId ?? `the client of ${connection}`}`;
  const step = `register:${connection}`;
  if (client === undefined) {
    if (run.dryRun) return run.report({ step, title, outcome: 'planned' });
    throw new DeployError('deploy/not-deployed', `${run.name} has no client of ${connection} yet`);
  }
  const { clientId } = client;
  const record = (txHash?: `0x${string}`): Promise<void> => {
    const registered = { ...client, counterpartyClientId, ...(txHash === undefined ? {} : { registeredTx: txHash }) };
    return run.journal.update({ clients: { ...run.journal.manifest.clients, [connection]: registered } });
  };
  const named = (): Promise<Counterparty | undefined> =>
    fromChain(run.name, () => ifFound(run.chain.clients.counterparty(clientId)));
  const found = await named();
  if (found !== undefined) {
    assertNoDifference(
      `${clientId} on ${run.name} is not what the configuration asks for`,
      compareCounterparty(found, counterpartyClientId),
    );
    if (client.counterpartyClientId !== counterpartyClientId) await record();
    return run.report({ step, title, outcome: 'exists', clientId });
  }
  if (run.dryRun) return run.report({ step, title, outcome: 'planned', clientId });
  try {
    const { txId, gasUsed } = await run.submit(title, registerBody(clientId, counterpartyClientId, run.account));
    await record(txId);
    run.report({ step, title, outcome: 'done', clientId, txHash: txId, gasUsed });
  } catch (error) {
    // What a run sent that was ended may have been included meanwhile; the chain then refuses this one.
    const now = error instanceof DeployError && error.code === 'deploy/transaction-failed' ? await named() : undefined;
    if (now === undefined || compareCounterparty(now, counterpartyClientId).length > 0) throw error;
    await record();
    run.report({ step, title, outcome: 'resumed', clientId });
  }
};
