import { attestationLightClientArtifact, ics26RouterAbi } from '@interchain-attestation/contracts';
import { type Address, type AttestorSet, parseAddress } from '@interchain-attestation/core';
import {
  decodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  parseAbiParameters,
  zeroAddress,
} from 'viem';
import { reach } from './chain/connect.ts';
import { probeChain } from './chain/probe.ts';
import { revertName } from './chain/revert.ts';
import { compareSet } from './compare-set.ts';
import { assertNoDifference, DeployError, type Difference } from './errors.ts';
import type { InitialState } from './initial-state.ts';
import type { DeployedClient } from './manifest/schema.ts';
import { assertCode, type Created, claimed, type Run } from './plan/run.ts';
import { assertSafeSet, type SetOptions } from './set-rules.ts';
import { requireContract } from './transfer.ts';

export interface ClientOptions extends SetOptions {
  /** Id in the router of this chain. */
  readonly clientId: string;
  /** Id of the client on the other chain that tracks this one. */
  readonly counterpartyClientId: string;
  /** Asked only when the light client has yet to be created. */
  readonly initialState: () => Promise<InitialState>;
}

/** The key path of IBC v2 on EVM has one element: the prefix is one empty one. */
const MERKLE_PREFIX: readonly Hex[] = ['0x'];

const differences = async (run: Run, address: Address, set: AttestorSet): Promise<readonly Difference[]> => {
  const [attestors, minRequiredSigs] = await reach(run.chain.name, () =>
    run.chain.client.readContract({
      address,
      abi: attestationLightClientArtifact.abi,
      functionName: 'getAttestationSet',
    }),
  );
  return compareSet({ attestors: attestors.map((attestor) => parseAddress(attestor)), minRequiredSigs }, set);
};

/** Light client that the router holds under this id, or undefined. */
const registeredClient = async (run: Run, router: Address, clientId: string): Promise<Address | undefined> => {
  try {
    return parseAddress(
      await run.chain.client.readContract({
        address: router,
        abi: ics26RouterAbi,
        functionName: 'getClient',
        args: [clientId],
      }),
    );
  } catch (error) {
    if (revertName(error) === 'IBCClientNotFound') return undefined;
    return reach(run.chain.name, () => Promise.reject(error));
  }
};

const compareRegistration = async (
  run: Run,
  router: Address,
  address: Address,
  options: ClientOptions,
): Promise<readonly Difference[]> => {
  const { clientId, counterpartyClientId, set } = options;
  const counterparty = await reach(run.chain.name, () =>
    run.chain.client.readContract({
      address: router,
      abi: ics26RouterAbi,
      functionName: 'getCounterparty',
      args: [clientId],
    }),
  );
  const details: Difference[] = [...(await differences(run, address, set))];
  if (counterparty.clientId !== counterpartyClientId) {
    const field = 'client.counterparty.clientId';
    details.push({ field, wanted: counterpartyClientId, found: counterparty.clientId, where: 'chain' });
  }
  const prefix = JSON.stringify(counterparty.merklePrefix);
  if (prefix !== JSON.stringify(MERKLE_PREFIX)) {
    const field = 'client.counterparty.merklePrefix';
    details.push({ field, wanted: JSON.stringify(MERKLE_PREFIX), found: prefix, where: 'chain' });
  }
  const known = run.journal.manifest.clients[clientId];
  if (known !== undefined && known.address !== address) {
    details.push({ field: 'client.address', wanted: address, found: known.address, where: 'manifest' });
  }
  return details;
};

/** The light client contract: one that an earlier run created and did not record, or a new one. */
const createContract = async (run: Run, step: string, options: ClientOptions): Promise<Created & InitialState> => {
  const { clientId, set } = options;
  const { abi, bytecode } = attestationLightClientArtifact;
  const quorum = `${set.minRequiredSigs} of ${set.attestors.length}`;
  // A plan needs no attestors: the address of a contract does not depend on its arguments.
  const unknown: InitialState = { height: 1n, timestampSec: 1n, from: 'operator' };
  const isKnown = run.dryRun || run.isUnclaimed(step);
  const state = isKnown ? unknown : await options.initialState();
  if (state.height <= 0n || state.timestampSec <= 0n) {
    throw new DeployError(
      'deploy/invalid-input',
      `initial height ${state.height} and time ${state.timestampSec}: neither may be 0`,
    );
  }
  const created = await run.create(step, {
    title: `light client ${clientId}, ${quorum}`,
    data: encodeDeployData({
      abi,
      bytecode,
      args: [[...set.attestors], set.minRequiredSigs, state.height, state.timestampSec, zeroAddress],
    }),
    abi,
    note: state.from,
  });
  if (!created.resumed) return { ...created, ...state };
  const { contract, note } = created;
  if ((await differences(run, contract.address, set)).length > 0) {
    run.warnings.push(
      `light client ${contract.address} on ${run.chain.name}, created by an earlier run, has another set: it is left unused`,
    );
    await run.journal.update(claimed(run.journal.manifest, step));
    return createContract(run, step, options);
  }
  // An earlier run may have chosen another initial state: what the chain holds counts.
  const [height, timestampSec] = await readInitialState(run, contract.address);
  return { ...created, height, timestampSec, from: note === 'attestors' ? note : 'operator' };
};

const createLightClient = async (run: Run, options: ClientOptions): Promise<DeployedClient> => {
  const { clientId, counterpartyClientId, set } = options;
  const { journal } = run;
  const step = `deploy:client:${clientId}`;
  const { contract, height, timestampSec, from } = await createContract(run, step, options);
  const client: DeployedClient = {
    ...contract,
    clientId,
    counterpartyClientId,
    attestors: set.attestors,
    quorum: set.minRequiredSigs,
    initialHeight: height.toString(),
    initialTimestampSec: timestampSec.toString(),
    initialStateFrom: from,
  };
  const { manifest } = journal;
  await journal.update({ clients: { ...manifest.clients, [clientId]: client }, ...claimed(manifest, step) });
  return client;
};

const CLIENT_STATE = parseAbiParameters('(address[] attestors, uint8 quorum, uint64 latestHeight, bool isFrozen)');

const readInitialState = async (run: Run, address: Address): Promise<readonly [bigint, bigint]> => {
  const { abi } = attestationLightClientArtifact;
  const { client, name } = run.chain;
  return reach(name, async () => {
    const encoded = await client.readContract({ address, abi, functionName: 'getClientState' });
    const [{ latestHeight }] = decodeAbiParameters(CLIENT_STATE, encoded);
    const args = [latestHeight] as const;
    return [latestHeight, await client.readContract({ address, abi, functionName: 'getConsensusTimestamp', args })];
  });
};

/**
 * Creates an attestation light client and registers it in the router with its counterparty.
 * One that is registered already is compared with what is wanted, field by field, and never touched.
 * @throws DeployError `deploy/not-deployed`, `deploy/conflict`, `deploy/quorum-unreachable`, `deploy/invalid-input`, ...
 */
export const deployClient = async (run: Run, options: ClientOptions): Promise<void> => {
  const { clientId, counterpartyClientId } = options;
  assertSafeSet(clientId, options);
  const { chain, journal } = run;
  const router = requireContract(run, 'ics26Router', 'core');
  await probeChain(chain);
  const title = `light client ${clientId}, ${options.set.minRequiredSigs} of ${options.set.attestors.length}`;
  const registration = `${clientId} in the router, counterparty ${counterpartyClientId}`;

  const registered = await registeredClient(run, router, clientId);
  if (registered !== undefined) {
    const what = `${clientId} on ${chain.name} is not what the configuration asks for`;
    assertNoDifference(what, await compareRegistration(run, router, registered, options));
  }
  const known = journal.manifest.clients[clientId];
  let client = known;
  if (known !== undefined) {
    await assertCode(chain, `clients.${clientId}`, known);
    if (registered === undefined) {
      assertNoDifference(
        `${clientId} was created by an earlier run`,
        await differences(run, known.address, options.set),
      );
    }
    run.exists(`deploy:client:${clientId}`, title, known.address);
  } else if (registered !== undefined) {
    run.exists(`deploy:client:${clientId}`, title, registered);
    run.exists(`register:${clientId}`, registration);
    run.warnings.push(`${clientId} on ${chain.name} was not created with this manifest; it is used as it is`);
    return;
  } else {
    client = await createLightClient(run, options);
  }
  if (client === undefined) return;
  const { address } = client;
  const txHash = await run.change({
    step: `register:${clientId}`,
    title: registration,
    to: router,
    abi: ics26RouterAbi,
    data: encodeFunctionData({
      abi: ics26RouterAbi,
      functionName: 'addClient',
      args: [clientId, { clientId: counterpartyClientId, merklePrefix: [...MERKLE_PREFIX] }, address],
    }),
    isDone: async () => (await registeredClient(run, router, clientId)) !== undefined,
  });
  if (txHash !== undefined) {
    const done = { ...client, registeredTx: txHash };
    await journal.update({ clients: { ...journal.manifest.clients, [clientId]: done } });
  }
};
