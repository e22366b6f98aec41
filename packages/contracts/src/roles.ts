import { toFunctionSelector } from 'viem';

/**
 * Role ids in the AccessManager, as the live deployments number them. `admin` and `public` are the manager's own;
 * functions that no rule below names stay with `admin`.
 */
export const roleIds = {
  admin: 0n,
  relayer: 1n,
  pauser: 2n,
  unpauser: 3n,
  delegateSender: 4n,
  rateLimiter: 5n,
  idCustomizer: 6n,
  erc20Customizer: 7n,
  public: 18446744073709551615n,
} as const;

/** The contract that a rule is about: its proxy's address goes into `setTargetFunctionRole`. */
export type RoleTarget = 'ics26Router' | 'ics20Transfer' | 'escrow';

/** One call of `AccessManager.setTargetFunctionRole(target, selectors, roleId)`. */
export interface RoleRule {
  readonly target: RoleTarget;
  readonly role: keyof typeof roleIds;
  readonly functions: readonly string[];
  readonly selectors: readonly `0x${string}`[];
}

const bytesTuple = '(string,bytes[])';
const payload = '(string,string,string,string,bytes)';
const packet = `(uint64,string,string,uint64,${payload}[])`;
const height = '(uint64,uint64)';

/**
 * Which role may call which restricted function. Without the `ics26Router`/`relayer` rule only the admin relays; give
 * those selectors to `roleIds.public` to let anybody relay. Escrows exist from a client's first transfer on: the rule
 * for `escrow` is set for each of them, where rate limits are wanted.
 */
export const roleRules: readonly RoleRule[] = [
  rule('ics26Router', 'relayer', [
    `recvPacket((${packet},bytes,${height}))`,
    `ackPacket((${packet},bytes,bytes,${height}))`,
    `timeoutPacket((${packet},bytes,${height}))`,
    'updateClient(string,bytes)',
  ]),
  rule('ics26Router', 'idCustomizer', ['addIBCApp(string,address)', `addClient(string,${bytesTuple},address)`]),
  rule('ics20Transfer', 'erc20Customizer', ['setCustomERC20(string,address)']),
  rule('ics20Transfer', 'delegateSender', [
    'sendTransferWithSender((address,uint256,string,string,string,uint64,string),address)',
  ]),
  rule('ics20Transfer', 'pauser', ['pause()']),
  rule('ics20Transfer', 'unpauser', ['unpause()']),
  rule('escrow', 'rateLimiter', ['setRateLimit(address,uint256)']),
];

/** Restricted functions that must stay with `admin`: whoever may call them owns the funds. */
export const adminFunctions: readonly string[] = [
  'upgradeToAndCall(address,bytes)',
  `migrateClient(string,${bytesTuple},address)`,
  'upgradeEscrowTo(address)',
  'upgradeIBCERC20To(address)',
];

function rule(target: RoleTarget, role: keyof typeof roleIds, functions: readonly string[]): RoleRule {
  return { target, role, functions, selectors: functions.map((signature) => toFunctionSelector(signature)) };
}
