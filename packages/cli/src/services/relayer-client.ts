import { relayer, skipRelayer } from '@interchain-attestation/proto';
import { createGrpcClient, type RpcClient } from '@interchain-attestation/service';
import type { AttestConfig } from '../config/types.ts';
import { CliError } from '../output/errors.ts';

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
