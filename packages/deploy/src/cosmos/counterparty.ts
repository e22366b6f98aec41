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
  const found = await fromChain(run.name, () => ifFound(run.chain.clients.counterparty(clientId)));
  if (found !== undefined) {
    const details: Difference[] = [];
    if (found.clientId !== counterpartyClientId) {
      const field = 'client.counterparty.clientId';
      details.push({ field, wanted: counterpartyClientId, found: found.clientId, where: 'chain' });
    }
    const [wanted, prefix] = [prefixText(MERKLE_PREFIX), prefixText(found.merklePrefix)];
    if (prefix !== wanted) {
      details.push({ field: 'client.counterparty.merklePrefix', wanted, found: prefix, where: 'chain' });
    }
    assertNoDifference(`${clientId} on ${run.name} is not what the configuration asks for`, details);
    if (client.counterpartyClientId !== counterpartyClientId) await record();
    return run.report({ step, title, outcome: 'exists', clientId });
  }
  if (run.dryRun) return run.report({ step, title, outcome: 'planned', clientId });
  const { txId: txHash, gasUsed } = await run.submit(title, registerBody(clientId, counterpartyClientId, run.account));
  await record(txHash);
  run.report({ step, title, outcome: 'done', clientId, txHash, gasUsed });
};
