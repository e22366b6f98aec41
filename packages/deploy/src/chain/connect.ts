import type { Signer } from '@interchain-attestation/chains';
import type { Address, Hex } from '@interchain-attestation/core';
import { createPublicClient, defineChain, http, type LocalAccount, type PublicClient } from 'viem';
import { assertNoDifference, DeployError, type Difference } from '../errors.ts';
import { signerToAccount } from './account.ts';

export interface ChainTarget {
  /** Name in the configuration. */
  readonly name: string;
  readonly chainId: number;
  readonly rpcUrl: string;
  /** Refuses another chain with the same id. */
  readonly genesisHash?: Hex | undefined;
}

/** A chain that answered and is the one that was meant. */
export interface DeployChain extends ChainTarget {
  readonly genesisHash: Hex;
  readonly client: PublicClient;
  /** Who deploys. */
  readonly from: Address;
  /** Absent in a dry run. */
  readonly account: LocalAccount | undefined;
}

/** Turns whatever the transport throws into an outage, without the URL, which may hold an API key. */
export const reach = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof DeployError) throw cause;
    const reason = (cause as { shortMessage?: string }).shortMessage ?? (cause as Error).message;
    const text = reason.split('\n')[0]?.replace(/\b[a-z]+:\/\/\S+/g, '(url)') ?? '';
    throw new DeployError('deploy/unavailable', `${name} does not answer: ${text}`, {
      cause,
      retryable: true,
      meta: { chain: name },
    });
  }
};

/**
 * Connects to a chain and checks that it is the one that was meant.
 * @param who the signer, or only its address for a dry run
 * @throws DeployError `deploy/unavailable`, `deploy/conflict`
 */
export const connectChain = async (target: ChainTarget, who: Signer | Address): Promise<DeployChain> => {
  const chain = defineChain({
    id: target.chainId,
    name: target.name,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [target.rpcUrl] } },
  });
  const transport = http(target.rpcUrl, { timeout: 15_000, retryCount: 2 });
  const client: PublicClient = createPublicClient({ chain, transport, pollingInterval: 100, cacheTime: 0 });
  const [chainId, genesis] = await reach(target.name, () =>
    Promise.all([client.getChainId(), client.getBlock({ blockNumber: 0n })]),
  );
  const genesisHash = genesis.hash as Hex;
  const details: Difference[] = [];
  if (chainId !== target.chainId) {
    details.push({ field: 'chainId', wanted: `${target.chainId}`, found: `${chainId}`, where: 'chain' });
  }
  if (target.genesisHash !== undefined && target.genesisHash !== genesisHash) {
    details.push({ field: 'genesisHash', wanted: target.genesisHash, found: genesisHash, where: 'chain' });
  }
  assertNoDifference(`another chain answers for ${target.name}`, details);
  const signer = typeof who === 'string' ? undefined : who;
  const from = typeof who === 'string' ? who : who.address;
  return {
    ...target,
    genesisHash,
    client,
    from: from,
    account: signer && signerToAccount(signer),
  };
};
