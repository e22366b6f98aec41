import { accessManagerAbi, roleIds } from '@interchain-attestation/contracts';
import { type Address, parseAddress } from '@interchain-attestation/core';
import { encodeFunctionData, getAbiItem, zeroAddress } from 'viem';
import { reach } from './chain/connect.ts';
import { assertNoDifference, DeployError } from './errors.ts';
import type { Run } from './plan/run.ts';
import { hasRole } from './roles.ts';
import { requireContract } from './transfer.ts';

export interface HandoverOptions {
  /** Who becomes admin: a multisig or a timelock. */
  readonly admin: Address;
  /** Accepts an account without code, which is one key again. */
  readonly allowPlainAccount: boolean;
  /** Further accounts that are admin on purpose. */
  readonly otherAdmins?: readonly Address[] | undefined;
}

/** Blocks of a question that every node answers. */
const SMALLEST_RANGE = 500n;

/** Every account that was ever made admin: the access manager says it in events only. */
const everAdmin = async ({ chain, journal }: Run, manager: Address): Promise<readonly Address[]> => {
  const event = getAbiItem({ abi: accessManagerAbi, name: 'RoleGranted' });
  const read = async (fromBlock: bigint, toBlock: bigint): Promise<readonly Address[]> => {
    try {
      const args = { roleId: roleIds.admin };
      const logs = await chain.client.getLogs({ address: manager, event, args, fromBlock, toBlock, strict: true });
      return logs.map(({ args: { account } }) => parseAddress(account));
    } catch (error) {
      // Nodes bound the blocks of one question, each in words of its own.
      if (toBlock - fromBlock < SMALLEST_RANGE) throw error;
      const middle = (fromBlock + toBlock) / 2n;
      return [...(await read(fromBlock, middle)), ...(await read(middle + 1n, toBlock))];
    }
  };
  const { blockNumber = '0' } = journal.manifest.contracts.accessManager ?? {};
  const accounts = await reach(chain.name, async () => read(BigInt(blockNumber), await chain.client.getBlockNumber()));
  return [...new Set(accounts)];
};

/** @throws DeployError `deploy/conflict` where an account is admin that was not named, such as a mistyped one */
const assertNoOtherAdmin = async (run: Run, manager: Address, known: readonly Address[]): Promise<void> => {
  const others = (await everAdmin(run, manager)).filter((account) => !known.includes(account));
  const { chain } = run;
  // With whatever delay, and whether it holds already or from a later time on.
  const held = await reach(chain.name, () =>
    Promise.all(
      others.map(async (account) => {
        const args = [roleIds.admin, account] as const;
        const [sinceSec] = await chain.client.readContract({
          address: manager,
          abi: accessManagerAbi,
          functionName: 'getAccess',
          args,
        });
        return sinceSec !== 0;
      }),
    ),
  );
  assertNoDifference(
    `an account is admin on ${chain.name} that was not named, and nothing is given up until its role is revoked`,
    others
      .filter((_, i) => held[i])
      .map((account) => ({ field: 'accessManager.admin', wanted: 'absent', found: account, where: 'chain' as const })),
  );
};

/**
 * Moves upgrade and admin rights from the deployer's key to another account: grants, checks on chain, and only then
 * gives up what the deployer holds. Nothing is done while somebody else is admin. The deployer cannot register clients under names of its choice afterwards.
 * @throws DeployError `deploy/invalid-input`, `deploy/not-deployed`, `deploy/missing-role`, ...
 */
export const handOver = async (run: Run, options: HandoverOptions): Promise<void> => {
  const { admin, allowPlainAccount, otherAdmins = [] } = options;
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
  await assertNoOtherAdmin(run, manager, [chain.from, admin, ...otherAdmins]);
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
