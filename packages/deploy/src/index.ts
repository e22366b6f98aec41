export type { ChainTarget } from './chain/connect.ts';
export type { ClientOptions } from './client.ts';
export type { CoreOptions } from './core.ts';
export type { CosmosClientOptions } from './cosmos/client.ts';
export type { CosmosCounterpartyOptions } from './cosmos/counterparty.ts';
export { type CosmosDeployer, type CosmosDeployerOptions, createCosmosDeployer } from './cosmos/deployer.ts';
export { createDeployer, type Deployer, type DeployerOptions } from './deployer.ts';
export { DeployError, type DeployErrorCode, type Difference } from './errors.ts';
export type { HandoverOptions } from './handover.ts';
export { type AttestorEndpoint, attestInitialState, type InitialState } from './initial-state.ts';
export { manifestFile, readEvmManifest, readManifest } from './manifest/file.ts';
export type {
  AnyManifest,
  ContractName,
  CosmosManifest,
  DeployedClient,
  DeployedContract,
  DeployedCosmosClient,
  Manifest,
} from './manifest/schema.ts';
export type { DeployResult, StepListener, StepReport } from './plan/report.ts';
export type { Relayers } from './roles.ts';
