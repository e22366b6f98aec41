import { accessManagerAbi, type RoleTarget, roleIds, roleRules } from '@interchain-attestation/contracts';
import type { Address, Hex } from '@interchain-attestation/core';
import { encodeFunctionData } from 'viem';
import type { DeployChain } from './chain/connect.ts';
import type { Run } from './plan/run.ts';

/** Who may carry packets: these accounts, or anybody. */
export type Relayers = readonly Address[] | 'anybody';

/** Does the account hold the role, and without delay? */
export const hasRole = async (
  chain: DeployChain,
  manager: Address,
  role: bigint,
  account: Address,
): Promise<boolean> => {
  const [isMember, delay] = await chain.client.readContract({
    address: manager,
    abi: accessManagerAbi,
    functionName: 'hasRole',
    args: [role, account],
  });
  return isMember && delay === 0;
};

const roleOf = (chain: DeployChain, manager: Address, target: Address, selector: Hex): Promise<bigint> =>
  chain.client.readContract({
    address: manager,
    abi: accessManagerAbi,
    functionName: 'getTargetFunctionRole',
    args: [target, selector],
  });

const encodeRule = (target: Address, selectors: readonly Hex[], role: bigint): Hex =>
  encodeFunctionData({
    abi: accessManagerAbi,
    functionName: 'setTargetFunctionRole',
    args: [target, [...selectors], role],
  });

const encodeGrant = (role: bigint, account: Address): Hex =>
  encodeFunctionData({ abi: accessManagerAbi, functionName: 'grantRole', args: [role, account, 0] });

/** Says which role may call which function of a contract; the relayer's functions may be open to everybody. */
export const applyRules = async (
  run: Run,
  manager: Address,
  target: RoleTarget,
  address: Address,
  relayers: Relayers = [],
): Promise<void> => {
  const rules = roleRules
    .filter((rule) => rule.target === target)
    .map(({ role, selectors }) => ({
      selectors,
      role: role === 'relayer' && relayers === 'anybody' ? roleIds.public : roleIds[role],
    }));
  await run.change({
    step: `rules:${target}`,
    title: `${target}: which role may call what`,
    to: manager,
    abi: accessManagerAbi,
    data: encodeFunctionData({
      abi: accessManagerAbi,
      functionName: 'multicall',
      args: [rules.map(({ selectors, role }) => encodeRule(address, selectors, role))],
    }),
    isDone: async () => {
      const wanted = rules.flatMap(({ selectors, role }) => selectors.map((selector) => ({ selector, role })));
      const found = await Promise.all(wanted.map(({ selector }) => roleOf(run.chain, manager, address, selector)));
      return wanted.every(({ role }, index) => found[index] === role);
    },
  });
};

/** Whether everybody may call some function of a relayer. */
export const isRelayingOpen = async (run: Run, manager: Address, router: Address): Promise<boolean> => {
  if (run.isPlanned(manager) || run.isPlanned(router)) return false;
  const selectors = roleRules
    .filter(({ target, role }) => target === 'ics26Router' && role === 'relayer')
    .flatMap((rule) => rule.selectors);
  const roles = await Promise.all(selectors.map((selector) => roleOf(run.chain, manager, router, selector)));
  return roles.includes(roleIds.public);
};

/** Gives each account the role, in one transaction for those that lack it. */
export const grantRoles = async (
  run: Run,
  manager: Address,
  grants: readonly {
    readonly role: 'relayer' | 'idCustomizer' | 'pauser' | 'unpauser' | 'admin';
    readonly account: Address;
  }[],
): Promise<void> => {
  for (const { role, account } of grants) {
    await run.change({
      step: `grant:${role}:${account}`,
      title: `role ${role} for ${account}`,
      to: manager,
      abi: accessManagerAbi,
      data: encodeGrant(roleIds[role], account),
      isDone: () => hasRole(run.chain, manager, roleIds[role], account),
    });
  }
};
