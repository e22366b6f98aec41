import type { CosmosName } from './layout.ts';

/** Its only coin: staked, and paid as fees. */
export const COSMOS_DENOM = 'stake';
export const COSMOS_GAS_PRICE: string = `0.001${COSMOS_DENOM}`;

export const cosmosChainId = (name: CosmosName): string => `${name}-1`;
