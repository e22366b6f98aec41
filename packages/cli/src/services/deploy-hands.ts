import type { CosmosChain } from '@interchain-attestation/chains/cosmos';
import {
  type CosmosDeployer,
  createCosmosDeployer,
  createDeployer,
  type Deployer,
  type StepListener,
} from '@interchain-attestation/deploy';
import type { AttestConfig, CosmosChainEntry } from '../config/types.ts';
import type { CommandContext } from '../context.ts';
import { createKeyring, type Keyring } from '../keys.ts';
import { CliError } from '../output/errors.ts';
import { chainEntry, connectCosmos, manifestDirectory } from './chains.ts';

/** Deployers of the chosen chains, by the chain's name. */
export interface Hands {
  readonly evm: ReadonlyMap<string, Deployer>;
  readonly cosmos: ReadonlyMap<string, CosmosDeployer>;
  readonly dryRun: boolean;
  close(): Promise<void>;
}

interface HandOptions {
  readonly chains: readonly string[];
  readonly dryRun: boolean;
  readonly listener: StepListener;
}

/** A dry run sends nothing: it asks nobody for a password just to know an account. */
const cosmosAccount = async (
  keyring: Keyring,
  signer: string,
  { bech32Prefix }: CosmosChainEntry,
  dryRun: boolean,
): Promise<Parameters<typeof createCosmosDeployer>[0]['who']> => {
  if (!dryRun) return keyring.signer(signer);
  if (!keyring.unattended(signer)) return '';
  const { cosmosAddress } = await import('@interchain-attestation/chains/cosmos');
  return cosmosAddress((await keyring.signer(signer)).publicKey, bech32Prefix);
};

/**
 * Makes a deployer for each chain. Passwords are asked for one after the other, before anything is sent.
 * @throws CliError `cli/usage` for a chain without a deployer
 */
export const openHands = async (
  context: CommandContext,
  config: AttestConfig,
  { chains, dryRun, listener }: HandOptions,
): Promise<Hands> => {
  const keyring = createKeyring(context, config);
  const directory = manifestDirectory(config);
  const evm = new Map<string, Deployer>();
  const cosmos = new Map<string, CosmosDeployer>();
  const open: CosmosChain[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(open.map((chain) => chain.close()));
  };
  try {
    for (const name of chains) {
      const entry = chainEntry(config, name);
      const { deployer } = entry;
      if (deployer === undefined) throw new CliError('cli/usage', `chains.${name}.deployer names no signer`);
      if (entry.kind === 'evm') {
        const { chainId, rpcUrl, genesisHash } = entry;
        const who = dryRun ? await keyring.address(deployer) : await keyring.signer(deployer);
        const target = { name, chainId, rpcUrl, genesisHash: genesisHash as `0x${string}` | undefined };
        evm.set(name, createDeployer({ chain: target, who, directory, dryRun, listener }));
      } else {
        const who = await cosmosAccount(keyring, deployer, entry, dryRun);
        const chain = await connectCosmos(config, name);
        open.push(chain);
        cosmos.set(name, createCosmosDeployer({ chain, who, directory, dryRun, listener }));
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { evm, cosmos, dryRun, close };
};
