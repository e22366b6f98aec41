import { join } from 'node:path';
import type { EvmChainConfig } from '@interchain-attestation/chains/evm';
import type { Manifest } from '@interchain-attestation/deploy';
import { manifestFile, readManifest } from '@interchain-attestation/deploy/manifest';
import type { AttestConfig, ChainEntry } from '../config/types.ts';
import { CliError } from '../output/errors.ts';

/** Where the manifests of a configuration are. */
export const manifestDirectory = (config: AttestConfig): string => join(config.dataDir, 'deployments');

/** What was deployed to a chain, if anything. @throws DeployError `deploy/manifest-invalid` */
export const manifestOf = (config: AttestConfig, chain: string): Promise<Manifest | undefined> =>
  readManifest(manifestFile(manifestDirectory(config), chain));

/** @throws CliError `cli/usage` */
export const chainEntry = (config: AttestConfig, name: string): ChainEntry => {
  const entry = config.chains[name];
  if (entry !== undefined) return entry;
  throw new CliError('cli/usage', `no chain is called ${name}; known: ${Object.keys(config.chains).join(', ')}`);
};

/**
 * What the EVM adapter needs to know about a chain: the router from the file, or else from the manifest.
 * @throws CliError `cli/not-found` when neither names one
 */
export const evmChainConfig = async (config: AttestConfig, name: string): Promise<EvmChainConfig> => {
  const { kind: _, router, finality, chainId, deployer: __, ...rest } = chainEntry(config, name);
  const address = router ?? (await manifestOf(config, name))?.contracts.ics26Router?.address;
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
