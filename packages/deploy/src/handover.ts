import { accessManagerAbi, roleIds } from '@interchain-attestation/contracts';
import type { Address } from '@interchain-attestation/core';
import { encodeFunctionData, zeroAddress } from 'viem';
import { reach } from './chain/connect.ts';
import { DeployError } from './errors.ts';
import type { Run } from './plan/run.ts';
import { hasRole } from './roles.ts';
import { requireContract } from './transfer.ts';

export interface HandoverOptions {
  /** Who becomes admin: a multisig or a timelock. */
  readonly admin: Address;
  /** Accepts an account without code, which is one key again. */
  readonly allowPlainAccount: boolean;
}

/**
 * Moves upgrade and admin rights from the deployer's key to another account: grants, checks on chain, and only then
 * gives up what the deployer holds. The deployer cannot register clients under names of its choice afterwards.
 * @throws DeployError `deploy/invalid-input`, `deploy/not-deployed`, `deploy/missing-role`, ...
 */
export const handOver = async (run: Run, { admin, allowPlainAccount }: HandoverOptions): Promise<void> => {
  const { chain } = run;
  const manager = requireContract(run, 'accessManager', 'core');
  if (admin === zeroAddress)
    throw new DeployError('deploy/invalid-input', 'the zero address cannot administer anything');
  if (admin === chain.from) throw new DeployError('deploy/invalid-input', `${admin} is the deployer itself`);
  const code = await reach(chain.name, () => chain.client.getCode({ address: admin }));
  if ((code === undefined || code === '0x') && !allowPlainAccount) {
    throw new DeployError(
      'deploy/invalid-input',
      `${admin} has no code on ${chain.name}: it is one key, or a multisig of another chain; to accept that, pass --allow-plain-account`,
      { meta: { chain: chain.name, admin } },
    );
  }
  const isAdmin = (account: Address): Promise<boolean> =>
    reach(chain.name, () => hasRole(chain, manager, roleIds.admin, account));
  const [deployerIsAdmin, adminIsAdmin] = await Promise.all([isAdmin(chain.from), isAdmin(admin)]);
  if (!deployerIsAdmin && !adminIsAdmin) {
    throw new DeployError('deploy/missing-role', `neither ${chain.from} nor ${admin} is admin on ${chain.name}`, {
      meta: { chain: chain.name, account: chain.from },
    });
  }
  await run.change({
    step: `handover:grant:${admin}`,
    title: `admin rights for ${admin}`,
    to: manager,
    abi: accessManagerAbi,
    data: encodeFunctionData({ abi: accessManagerAbi, functionName: 'grantRole', args: [roleIds.admin, admin, 0] }),
    isDone: () => isAdmin(admin),
  });
  if (!run.dryRun && !(await isAdmin(admin))) {
    throw new DeployError(
      'deploy/transaction-failed',
      `${admin} is still not admin on ${chain.name}: nothing was given up`,
    );
  }
  for (const role of ['idCustomizer', 'admin'] as const) {
    await run.change({
      step: `handover:renounce:${role}`,
      title: `role ${role} given up by the deployer ${chain.from}`,
      to: manager,
      abi: accessManagerAbi,
      data: encodeFunctionData({
        abi: accessManagerAbi,
        functionName: 'renounceRole',
        args: [roleIds[role], chain.from],
      }),
      isDone: async () => !(await hasRole(chain, manager, roleIds[role], chain.from)),
    });
  }
};
