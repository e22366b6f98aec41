import { relayer, skipRelayer } from '@interchain-attestation/proto';
import { createGrpcClient, type RpcClient } from '@interchain-attestation/service';
import type { AttestConfig } from '../config/types.ts';
import type { CommandContext } from '../context.ts';
import { CliError } from '../output/errors.ts';
import { chainIdOf as idOf } from './chains.ts';

export interface RelayerClients {
  readonly operator: RpcClient<typeof relayer.RelayerService>;
  readonly public: RpcClient<typeof skipRelayer.RelayerApiService>;
  close(): void;
}

/** Connects to the relayer of the file. @throws CliError `cli/usage` when there is none */
export const connectRelayer = (config: AttestConfig): RelayerClients => {
  if (config.relayer === undefined) throw new CliError('cli/usage', 'the file has no relayer section');
  const address = config.relayer.url ?? config.relayer.listen;
  const operator = createGrpcClient(relayer.RelayerService, { address, timeoutMs: 10_000 });
  const pub = createGrpcClient(skipRelayer.RelayerApiService, { address, timeoutMs: 15_000 });
  return {
    operator,
    public: pub,
    close: () => {
      operator.close();
      pub.close();
    },
  };
};

/** Runs `work` with the relayer of the file. @throws RpcError `rpc/unavailable` when nobody answers */
export const withRelayer = async <T>(
  context: CommandContext,
  work: (relayer: RelayerClients, config: AttestConfig) => Promise<T>,
): Promise<T> => {
  const config = await context.config();
  const relayer = connectRelayer(config);
  try {
    return await context.output.progress('asking the relayer', () => work(relayer, config));
  } finally {
    relayer.close();
  }
};

/** Chain id for a name of the file; empty, which stands for any, without one. */
export const chainIdOf = (config: AttestConfig, name: string | undefined): string =>
  name === undefined ? '' : idOf(config, name);

/** Name in the file for a chain id; the id itself for a chain that the file does not name. */
export const nameOf = (config: AttestConfig, chainId: string): string =>
  Object.entries(config.chains).find(([, chain]) => String(chain.chainId) === chainId)?.[0] ?? chainId;
