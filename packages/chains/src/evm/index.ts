export type { ChainEvent } from '../chain-event.ts';
export { VERIFIED_ONCE_INTERFACE_ID } from './client-reader.ts';
export { type EvmChainConfig, type EvmChainSettings, type EvmFinality, evmChainConfigSchema } from './config.ts';
export { createEvmChain, type EvmChain, type EvmChainDeps } from './create-evm-chain.ts';
export type { EvmSenderOptions } from './sender/options.ts';
