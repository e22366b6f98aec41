export { cosmosAddress } from './address.ts';
export type { CosmosClientRegistry } from './client-registry.ts';
export { type CosmosChainConfig, type CosmosChainSettings, cosmosChainConfigSchema } from './config.ts';
export { type CosmosChain, type CosmosChainDeps, createCosmosChain } from './create-cosmos-chain.ts';
export { encodeMessage } from './encode-message.ts';
export { COSMOS_HD_PATH, signerFromMnemonic } from './mnemonic.ts';
export type { GasPrice } from './sender/gas-price.ts';
export type { CosmosSenderOptions } from './sender/options.ts';
