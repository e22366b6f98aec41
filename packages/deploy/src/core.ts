import {
  accessManagerArtifact,
  erc1967ProxyArtifact,
  ics26RouterArtifact,
  roleIds,
} from '@interchain-attestation/contracts';
import type { Address } from '@interchain-attestation/core';
import { encodeDeployData, encodeFunctionData } from 'viem';
import { probeChain } from './chain/probe.ts';
import { assertNoDifference } from './errors.ts';
import type { Run } from './plan/run.ts';
import { applyRules, grantRoles, hasRole, isRelayingOpen, type Relayers } from './roles.ts';

export interface CoreOptions {
  readonly relayers: Relayers;
  /** Takes the relayer's functions from everybody again, where an earlier run opened them. */
  readonly closeRelaying?: boolean | undefined;
}

/** Reminds of the handover while the deployer's key can still replace every contract. */
export const warnOfAdmin = async (run: Run, manager: Address): Promise<void> => {
  const { chain } = run;
  if (run.isPlanned(manager) || (await hasRole(chain, manager, roleIds.admin, chain.from))) {
    run.warnings.push(
      `the deployer's key ${chain.from} is admin on ${chain.name}: it can replace every contract and take the funds; ` +
        `move that to a multisig with "attest deploy handover --admin ADDRESS"`,
    );
  }
};

/**
 * Deploys what every connection of a chain shares: AccessManager, router behind its proxy, and who may do what.
 * @throws DeployError `deploy/chain-unsupported`, `deploy/conflict`, `deploy/transaction-failed`, ...
 */
export const deployCore = async (run: Run, options: CoreOptions): Promise<void> => {
  const { relayers, closeRelaying = false } = options;
  const { chain } = run;
  await probeChain(chain);
  const manager = await run.contract('accessManager', {
    title: 'AccessManager',
    data: encodeDeployData({ ...accessManagerArtifact, args: [chain.from] }),
    abi: accessManagerArtifact.abi,
  });
  const implementation = await run.contract('ics26RouterImplementation', {
    title: 'ICS26Router, implementation',
    data: encodeDeployData({ ...ics26RouterArtifact }),
    abi: ics26RouterArtifact.abi,
  });
  const initialize = encodeFunctionData({ abi: ics26RouterArtifact.abi, functionName: 'initialize', args: [manager] });
  const router = await run.contract('ics26Router', {
    title: 'ICS26Router, proxy',
    data: encodeDeployData({ ...erc1967ProxyArtifact, args: [implementation, initialize] }),
    abi: [...erc1967ProxyArtifact.abi, ...ics26RouterArtifact.abi],
  });
  if (relayers !== 'anybody' && !closeRelaying && (await isRelayingOpen(run, manager, router))) {
    // Relayers of others would fail from one block to the next: not by a flag that was left out.
    assertNoDifference(
      `relaying to ${chain.name} is open to everybody: pass --open-relaying to keep it so, --close-relaying to end it`,
      [{ field: 'accessManager.relaying', wanted: 'named relayers', found: 'everybody', where: 'chain' }],
    );
  }
  await applyRules(run, manager, 'ics26Router', router, relayers);
  const isAdmin = run.isPlanned(manager) || (await hasRole(chain, manager, roleIds.admin, chain.from));
  if (isAdmin) {
    await grantRoles(run, manager, [
      { role: 'idCustomizer', account: chain.from },
      ...(relayers === 'anybody' ? [] : relayers.map((account) => ({ role: 'relayer' as const, account }))),
    ]);
  }
  if (relayers.length === 0) {
    run.warnings.push(
      `nobody may relay to ${chain.name} yet: name a signer in relayer.signers, or deploy with --open-relaying`,
    );
  }
  await warnOfAdmin(run, manager);
};
