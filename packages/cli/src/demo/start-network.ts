import { type Devnet, type DevnetOptions, type DevnetProgress, startDevnet } from '@interchain-attestation/devnet';
import type { Narrator } from './narrator.ts';

/** Starts the network and tells what comes up. */
export const startNetwork = async (
  tell: Narrator,
  options: Pick<DevnetOptions, 'signal' | 'onUnexpectedExit' | 'directory' | 'cosmos'>,
): Promise<Devnet> => {
  const contracts = { alpha: 0, beta: 0 };
  let attestors = 0;
  let toldContracts = false;
  const onProgress = (progress: DevnetProgress): void => {
    switch (progress.type) {
      case 'chain':
        tell.step(`chain ${progress.name.padEnd(6)} a node with chain id ${progress.chainId}`, progress.rpcUrl);
        return;
      case 'contract':
        contracts[progress.chain] += 1;
        if (!toldContracts && progress.title.startsWith('port ') && contracts.alpha > 7 && contracts.beta > 7) {
          toldContracts = true;
          tell.step('contracts    router and token transfer on both chains');
        } else if (progress.title.startsWith('light client')) {
          tell.step(
            `light client ${progress.title.replace('light client ', '')}, on ${progress.chain}`,
            progress.address,
          );
        }
        return;
      case 'attestor': {
        attestors += 1;
        const chains = 2 + (options.cosmos?.length ?? 0);
        if (attestors === 5 * chains) {
          tell.step(`attestors    5 read each chain: ${attestors} processes, keys and guards`);
        }
        return;
      }
      case 'client':
        // Those on EVM chains were told as contracts.
        if (progress.chain === 'alpha' || progress.chain === 'beta') return;
        tell.step(`light client ${progress.clientId}, on ${progress.chain}`, `tracks ${progress.of}`);
        return;
      case 'service':
        tell.step(
          progress.name === 'relayer'
            ? 'relayer      carries packets, believes nobody'
            : 'proof API    collects signatures',
          progress.address,
        );
        return;
    }
  };
  return tell.waiting('starting', () => startDevnet({ ...options, logLevel: 'info', onProgress }));
};
