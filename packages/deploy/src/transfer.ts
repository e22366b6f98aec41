import {
  erc1967ProxyArtifact,
  escrowArtifact,
  ibcErc20Artifact,
  ics20TransferArtifact,
  ics26RouterAbi,
} from '@interchain-attestation/contracts';
import { type Address, ICS20_PORT, parseAddress } from '@interchain-attestation/core';
import { encodeDeployData, encodeFunctionData, zeroAddress } from 'viem';
import { revertName } from './chain/revert.ts';
import { warnOfAdmin } from './core.ts';
import { assertNoDifference, DeployError } from './errors.ts';
import type { ContractName } from './manifest/schema.ts';
import type { Run } from './plan/run.ts';
import { applyRules } from './roles.ts';

/** Address of a contract that an earlier command deployed. @throws DeployError `deploy/not-deployed` */
export const requireContract = (run: Run, name: ContractName, command: string): Address => {
  const contract = run.journal.manifest.contracts[name];
  if (contract === undefined) {
    throw new DeployError(
      'deploy/not-deployed',
      `${run.chain.name} has no ${name} yet: run "attest deploy ${command}" first`,
      {
        meta: { chain: run.chain.name, contract: name },
      },
    );
  }
  return contract.address;
};

/** App at a port of the router, or undefined. */
const appAt = async (run: Run, router: Address, port: string): Promise<Address | undefined> => {
  try {
    const args = [port] as const;
    return parseAddress(
      await run.chain.client.readContract({ address: router, abi: ics26RouterAbi, functionName: 'getIBCApp', args }),
    );
  } catch (error) {
    if (revertName(error) === 'IBCAppNotFound') return undefined;
    throw error;
  }
};

/**
 * Deploys the token transfer app behind its proxy, with its escrow and token beacons, and binds it to port `transfer`.
 * @throws DeployError `deploy/not-deployed` without the core, `deploy/conflict` when the port belongs to another app
 */
export const deployTransfer = async (run: Run): Promise<void> => {
  const router = requireContract(run, 'ics26Router', 'core');
  const manager = requireContract(run, 'accessManager', 'core');
  const escrow = await run.contract('escrowImplementation', {
    title: 'Escrow, implementation',
    data: encodeDeployData({ ...escrowArtifact }),
    abi: escrowArtifact.abi,
  });
  const token = await run.contract('ibcErc20Implementation', {
    title: 'IBCERC20, implementation',
    data: encodeDeployData({ ...ibcErc20Artifact }),
    abi: ibcErc20Artifact.abi,
  });
  const implementation = await run.contract('ics20TransferImplementation', {
    title: 'ICS20Transfer, implementation',
    data: encodeDeployData({ ...ics20TransferArtifact }),
    abi: ics20TransferArtifact.abi,
  });
  const initialize = encodeFunctionData({
    abi: ics20TransferArtifact.abi,
    functionName: 'initialize',
    args: [router, escrow, token, zeroAddress, manager],
  });
  const transfer = await run.contract('ics20Transfer', {
    title: 'ICS20Transfer, proxy',
    data: encodeDeployData({ ...erc1967ProxyArtifact, args: [implementation, initialize] }),
    abi: [...erc1967ProxyArtifact.abi, ...ics20TransferArtifact.abi],
  });
  await applyRules(run, manager, 'ics20Transfer', transfer);
  await run.change({
    step: 'port:transfer',
    title: `port ${ICS20_PORT} of the router`,
    to: router,
    abi: ics26RouterAbi,
    data: encodeFunctionData({ abi: ics26RouterAbi, functionName: 'addIBCApp', args: [ICS20_PORT, transfer] }),
    isDone: async () => {
      const app = await appAt(run, router, ICS20_PORT);
      if (app === undefined) return false;
      if (app !== transfer) {
        assertNoDifference(`port ${ICS20_PORT} of the router belongs to another app`, [
          { field: `router.getIBCApp(${ICS20_PORT})`, wanted: transfer, found: app, where: 'chain' },
        ]);
      }
      return true;
    },
  });
  await warnOfAdmin(run, manager);
};
