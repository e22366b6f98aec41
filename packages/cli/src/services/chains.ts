import { join } from 'node:path';
import { type ChainReader, createAgreeingReader } from '@interchain-attestation/chains';
import type { CosmosChain, CosmosChainConfig } from '@interchain-attestation/chains/cosmos';
import type { ChainEvent, EvmChain, EvmChainConfig } from '@interchain-attestation/chains/evm';
import type { AnyManifest, CosmosManifest, Manifest } from '@interchain-attestation/deploy';
import { manifestFile, readManifest } from '@interchain-attestation/deploy/manifest';
import { agreementOf } from '../config/agreement.ts';
import { ConfigError } from '../config/error.ts';
import type { AgreementEntry, AttestConfig, ChainEntry, CosmosChainEntry, EvmChainEntry } from '../config/types.ts';
import { CliError } from '../output/errors.ts';

/** A chain of either kind behind the ports; `reader.kind` tells which. */
export type Chain = EvmChain | CosmosChain;

/** Where the manifests of a configuration are. */
export const manifestDirectory = (config: AttestConfig): string => join(config.dataDir, 'deployments');

/** What was deployed to a chain, if anything. @throws DeployError `deploy/manifest-invalid` */
export const manifestOf = (config: AttestConfig, chain: string): Promise<AnyManifest | undefined> =>
  readManifest(manifestFile(manifestDirectory(config), chain));

const isCosmos = (manifest: AnyManifest | undefined): manifest is CosmosManifest => manifest?.kind === 'cosmos';

/** The manifest of an EVM chain. @throws ConfigError `config/other-kind` for that of a Cosmos chain */
export const evmManifestOf = async (config: AttestConfig, chain: string): Promise<Manifest | undefined> => {
  const manifest = await manifestOf(config, chain);
  if (isCosmos(manifest)) throw otherKind(config, chain, 'cosmos');
  return manifest;
};

/** The manifest of a Cosmos chain. @throws ConfigError `config/other-kind` for that of an EVM chain */
export const cosmosManifestOf = async (config: AttestConfig, chain: string): Promise<CosmosManifest | undefined> => {
  const manifest = await manifestOf(config, chain);
  if (manifest !== undefined && !isCosmos(manifest)) throw otherKind(config, chain, 'evm');
  return manifest;
};

const otherKind = (config: AttestConfig, chain: string, kind: string): ConfigError =>
  new ConfigError(config.file, [
    {
      code: 'config/other-kind',
      path: `chains.${chain}.kind`,
      message: `the manifest in ${manifestDirectory(config)} is that of a chain of kind ${kind}`,
    },
  ]);

/** @throws CliError `cli/usage` */
export const chainEntry = (config: AttestConfig, name: string): ChainEntry => {
  const entry = config.chains[name];
  if (entry !== undefined) return entry;
  throw new CliError('cli/usage', `no chain is called ${name}; known: ${Object.keys(config.chains).join(', ')}`);
};

/** The chain's own id as text: the name by which proof API and relayer know it. @throws CliError `cli/usage` */
export const chainIdOf = (config: AttestConfig, name: string): string => String(chainEntry(config, name).chainId);

/** What the file says about a chain, without what it says about its other RPC endpoints. */
type OneEndpoint<Entry extends ChainEntry> = Omit<Entry, keyof AgreementEntry>;

/**
 * What the EVM adapter needs to know about a chain: the router from the file, or else from the manifest.
 * @throws CliError `cli/not-found` when neither names one
 */
const evmChainConfig = async (
  config: AttestConfig,
  name: string,
  entry: OneEndpoint<EvmChainEntry>,
): Promise<EvmChainConfig> => {
  const { kind: _, router, finality, chainId, deployer: __, ...rest } = entry;
  const address = router ?? (await evmManifestOf(config, name))?.contracts.ics26Router?.address;
  if (address === undefined) {
    throw new CliError(
      'cli/not-found',
      `the router of ${name} is not known: run "attest deploy core", or set chains.${name}.router`,
      { meta: { chain: name } },
    );
  }
  return {
    ...rest,
    name,
    chainId: String(chainId),
    router: address,
    finality: typeof finality === 'string' ? { tag: finality } : finality,
  };
};

const cosmosChainConfig = (name: string, entry: OneEndpoint<CosmosChainEntry>): CosmosChainConfig => {
  const { kind: _, deployer: __, ...rest } = entry;
  return { ...rest, name };
};

interface ConnectOptions {
  readonly onEvent?: (event: ChainEvent) => void;
  /** What the adapter calls the chain; its name in the file by default. */
  readonly as?: string;
  /** RPC endpoint to speak to; that of `rpcUrl` by default. */
  readonly rpcUrl?: string;
}

/** The entry as one RPC endpoint needs it. A WebSocket URL belongs to that of `rpcUrl`. */
const at = <Entry extends ChainEntry>(entry: Entry, { rpcUrl = entry.rpcUrl }: ConnectOptions): OneEndpoint<Entry> => {
  const { moreRpcUrls: _, rpcQuorum: __, ...one } = entry;
  return rpcUrl === entry.rpcUrl ? one : { ...one, rpcUrl, wsUrl: undefined };
};

/** Connects to a Cosmos chain of the file. The caller closes it. @throws CliError `cli/usage` for a chain of another kind */
export const connectCosmos = async (
  config: AttestConfig,
  name: string,
  options: ConnectOptions = {},
): Promise<CosmosChain> => {
  const entry = chainEntry(config, name);
  if (entry.kind !== 'cosmos') throw new CliError('cli/usage', `${name} is no Cosmos chain`);
  // Loaded when needed: a process that works with EVM chains alone does not pay for it at its start.
  const { createCosmosChain } = await import('@interchain-attestation/chains/cosmos');
  return createCosmosChain(cosmosChainConfig(options.as ?? name, at(entry, options)), options);
};

/**
 * Connects to a chain of the file, whatever its kind. The caller closes it.
 * @throws CliError `cli/not-found` when the router of an EVM chain is not known
 */
export const connectChain = async (
  config: AttestConfig,
  name: string,
  options: ConnectOptions = {},
): Promise<Chain> => {
  const entry = chainEntry(config, name);
  if (entry.kind === 'cosmos') return connectCosmos(config, name, options);
  const settings = await evmChainConfig(config, name, at(entry, options));
  const { createEvmChain } = await import('@interchain-attestation/chains/evm');
  return createEvmChain({ ...settings, name: options.as ?? name }, options);
};

/**
 * Reads a chain of the file through all its RPC endpoints, of which its quorum must agree: for what is attested. The
 * caller closes it.
 * @throws CliError `cli/not-found` when the router of an EVM chain is not known
 */
export const connectReader = async (
  config: AttestConfig,
  name: string,
  options: Omit<ConnectOptions, 'rpcUrl'> = {},
): Promise<ChainReader> => {
  const { rpcUrls, required } = agreementOf(chainEntry(config, name));
  const chains = await Promise.all(rpcUrls.map((rpcUrl) => connectChain(config, name, { ...options, rpcUrl })));
  const readers = chains.map(({ reader }) => reader);
  const [only] = readers;
  return only !== undefined && readers.length === 1
    ? only
    : createAgreeingReader(readers, { required, onEvent: options.onEvent });
};

/** The entry of an EVM chain. @throws CliError `cli/not-applicable` for a chain of another kind, naming `what` */
export const evmEntry = (config: AttestConfig, name: string, what: string): EvmChainEntry => {
  const entry = chainEntry(config, name);
  if (entry.kind === 'evm') return entry;
  throw new CliError('cli/not-applicable', `${what} does not apply to ${name}: it is a Cosmos chain`);
};
