import { encodeFunctionData, type Hex } from 'viem';
import {
  accessManagerArtifact,
  attestationLightClientArtifact,
  erc1967ProxyArtifact,
  escrowArtifact,
  ibcErc20Artifact,
  ics20TransferArtifact,
  ics26RouterArtifact,
  minimalAppArtifact,
} from '../../src/artifacts.ts';
import { roleIds, roleRules } from '../../src/roles.ts';
import type { Attestors } from './attestors.ts';
import { type Chain, sender } from './chain.ts';

/** This chain's end of one link, with an app that does nothing and the real transfer app. */
export interface Deployment {
  readonly router: Hex;
  readonly transfer: Hex;
  readonly manager: Hex;
  readonly lightClient: Hex;
  readonly minimalPort: string;
  /** Our client, and the client of the other chain that follows us. */
  readonly clientId: string;
  readonly counterpartyId: string;
}

const zeroAddress: Hex = '0x0000000000000000000000000000000000000000';
export const minimalPort = 'minimal';

/** Deploys everything in the order that the README gives; the sender is admin, relayer and names ports. */
export async function deployEverything(
  chain: Chain,
  attestors: Attestors,
  initial: { height: bigint; timestampSec: bigint },
): Promise<Deployment> {
  const manager = await chain.deploy(accessManagerArtifact, [sender]);
  const proxied = async (logic: Hex, initializer: Hex): Promise<Hex> =>
    await chain.deploy(erc1967ProxyArtifact, [logic, initializer]);

  const router = await proxied(
    await chain.deploy(ics26RouterArtifact),
    encodeFunctionData({ abi: ics26RouterArtifact.abi, functionName: 'initialize', args: [manager] }),
  );
  const escrowLogic = await chain.deploy(escrowArtifact);
  const tokenLogic = await chain.deploy(ibcErc20Artifact);
  const transfer = await proxied(
    await chain.deploy(ics20TransferArtifact),
    encodeFunctionData({
      abi: ics20TransferArtifact.abi,
      functionName: 'initialize',
      args: [router, escrowLogic, tokenLogic, zeroAddress, manager],
    }),
  );
  const { abi } = accessManagerArtifact;
  const targets = { ics26Router: router, ics20Transfer: transfer } as const;
  for (const { target, role, selectors } of roleRules) {
    if (target === 'escrow') continue;
    const args = [targets[target], selectors, roleIds[role]] as const;
    await chain.send(manager, encodeFunctionData({ abi, functionName: 'setTargetFunctionRole', args }));
  }
  for (const role of [roleIds.relayer, roleIds.idCustomizer]) {
    await chain.send(manager, encodeFunctionData({ abi, functionName: 'grantRole', args: [role, sender, 0] }));
  }

  const lightClient = await chain.deploy(attestationLightClientArtifact, [
    attestors.addresses,
    attestors.quorum,
    initial.height,
    initial.timestampSec,
    zeroAddress,
  ]);
  const minimalApp = await chain.deploy(minimalAppArtifact);
  const routerCall = (functionName: 'addIBCApp', args: readonly [string, Hex]): Hex =>
    encodeFunctionData({ abi: ics26RouterArtifact.abi, functionName, args });
  await chain.send(router, routerCall('addIBCApp', ['transfer', transfer]));
  await chain.send(router, routerCall('addIBCApp', [minimalPort, minimalApp]));
  await chain.send(
    router,
    encodeFunctionData({
      abi: ics26RouterArtifact.abi,
      functionName: 'addClient',
      args: [{ clientId: 'client-0', merklePrefix: ['0x'] }, lightClient],
    }),
  );
  return {
    router,
    transfer,
    manager,
    lightClient,
    minimalPort,
    clientId: 'client-0',
    counterpartyId: 'client-0',
  };
}
